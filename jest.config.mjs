export default { passWithNoTests: true, testTimeout: 60_000, projects: ['<rootDir>/{libs,apps,examples,test}/*/jest.config.mjs'] };
