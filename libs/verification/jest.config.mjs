export default { preset: '../../libs/testing/jest.preset.mjs', displayName: 'verification' };
