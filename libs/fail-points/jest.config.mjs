export default { preset: '../../libs/testing/jest.preset.mjs', displayName: 'fail-points' };
