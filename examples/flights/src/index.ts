export type { Flight } from './flight.ts';
export { FlightFile } from './flight-file.ts';
export { flightStretches, type FlightEvent, type FlightStretch, type FlightStretchesOptions } from './poster/flight-stretches.ts';
