export default { passWithNoTests: true, projects: ['<rootDir>/libs/*', '<rootDir>/apps/*', '<rootDir>/examples/*'] };
