import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { defineConfig } from 'eslint/config';

const passTheTimeIn = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Pass the time in.',
  },
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'Pass the time in.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Pass ids and randomness in.',
  },
];

export default defineConfig(
  { ignores: ['dist', '.data', 'test/fixtures', 'examples', 'bench/peer'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', 'dependency-cruiser.config.cjs'] },
      },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      complexity: ['error', 10],
      'max-lines-per-function': ['error', 50],
      'max-lines': ['error', 300],
      'no-console': 'error',
    },
  },
  { files: ['src/domain/**', 'src/application/**'], rules: { 'no-restricted-syntax': ['error', ...passTheTimeIn] } },
  { files: ['test/**'], rules: { 'max-lines-per-function': 'off' } },
  {
    files: ['*.cjs'],
    languageOptions: { globals: { module: 'readonly' } },
  },
  { files: ['*.js', '*.cjs'], extends: [tseslint.configs.disableTypeChecked] },
);
