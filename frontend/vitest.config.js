import { defineConfig } from 'vitest/config';
import { schema } from './tools/schema.js';

export default defineConfig({
  define: { __CADRAN_API__: '""' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [schema()],
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{js,jsx}'],
    setupFiles: ['src/test-setup.js'],
    restoreMocks: true,
    env: { TZ: 'Europe/Paris' },
  },
});
