import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: { __CADRAN_API__: '""' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.{js,jsx}'],
    setupFiles: ['src/test-setup.js'],
    restoreMocks: true,
    env: { TZ: 'Europe/Paris' },
  },
});
