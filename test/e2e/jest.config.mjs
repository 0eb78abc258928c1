import preset from '../../libs/testing/jest.preset.mjs';

export default { ...preset, displayName: 'e2e' };
