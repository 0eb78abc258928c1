export default { passWithNoTests: true, projects: ['<rootDir>/{libs,apps,examples,test}/*/jest.config.mjs'] };
