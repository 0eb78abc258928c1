import { Column, Entity, PrimaryColumn } from 'typeorm';

/** How far a projection has come in one topic partition. Moves in the transaction that writes its rows. */
@Entity('projection_position')
export class ProjectionPosition {
  @PrimaryColumn('text')
  projection!: string;

  @PrimaryColumn('text')
  topic!: string;

  @PrimaryColumn('integer')
  partition!: number;

  /** Offset of the record to project next. */
  @Column('bigint', { name: 'next_offset' })
  nextOffset!: number;
}
