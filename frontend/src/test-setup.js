import { cleanup } from '@testing-library/preact';
import { afterEach, beforeAll } from 'vitest';
import { setLanguage } from './i18n/index.js';

beforeAll(() => setLanguage('fr'));
afterEach(() => cleanup());
