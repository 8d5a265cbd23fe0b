/** Drawn on 24 × 24 with a stroke in the current colour. @type {Record<string, string>} */
const PATHS = {
  gauge: 'M4 18a8 8 0 1 1 16 0M12 18l4-6',
  calendar: 'M5 6h14v14H5zM5 10h14M9 3v4M15 3v4',
  pulse: 'M4 12h4l2-6 4 12 2-6h4',
  pin: 'M12 21s7-6 7-11a7 7 0 1 0-14 0c0 5 7 11 7 11zM12 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  book: 'M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  left: 'M14.5 6l-6 6 6 6',
  right: 'M9.5 6l6 6-6 6',
  down: 'M6 9.5l6 6 6-6',
  up: 'M6 14.5l6-6 6 6',
  back: 'M19 12H5M11 6l-6 6 6 6',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20',
  filter: 'M4 6h16M7 12h10M10 18h4',
  info: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5.5M12 7.6v.2',
  warning: 'M12 4l9 16H3zM12 10v4.5M12 17.2v.2',
  clock: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7v5l3.2 2',
  table: 'M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14',
  chart: 'M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6',
  export: 'M12 4v11M7.5 10.5L12 15l4.5-4.5M5 19.5h14',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c1-4 4-6 7.5-6s6.5 2 7.5 6',
  phone:
    'M6 4h3.5l1.5 4-2 1.5a11 11 0 0 0 5.5 5.5l1.5-2 4 1.5V18a2 2 0 0 1-2 2A14.5 14.5 0 0 1 4 6a2 2 0 0 1 2-2z',
  mail: 'M4 6h16v12H4zM4 7l8 6 8-6',
  star: 'M12 4l2.5 5.2 5.5.8-4 4 1 5.7-5-2.7-5 2.7 1-5.7-4-4 5.5-.8z',
  edit: 'M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  offline: 'M4 4l16 16M8.5 14.5a5 5 0 0 1 6-.8M5 11a10 10 0 0 1 4-2.5M19 11a10 10 0 0 0-6-2.9M12 18.5v.1',
  settings:
    'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1',
  eye: 'M2.5 12c2.3-4 5.5-6 9.5-6s7.2 2 9.5 6c-2.3 4-5.5 6-9.5 6s-7.2-2-9.5-6zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  'eye-off': 'M2.5 12c2.3-4 5.5-6 9.5-6s7.2 2 9.5 6c-2.3 4-5.5 6-9.5 6s-7.2-2-9.5-6zM4 4l16 16',
  external: 'M13 5h6v6M19 5l-8 8M10 6H5v13h13v-5',
};

/**
 * A small line drawing, silent to screen readers: the control that holds it has the name.
 * @param {{name: string, size?: number}} props
 */
export function Icon({ name, size = 18 }) {
  if (name === 'dots')
    return (
      <svg
        class="icon"
        width={size}
        height={size}
        viewBox="0 0 24 24"
        aria-hidden="true"
        fill="currentColor"
        stroke="none"
      >
        <circle cx="5" cy="12" r="2" />
        <circle cx="12" cy="12" r="2" />
        <circle cx="19" cy="12" r="2" />
      </svg>
    );
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The mark of the product: a dial. @param {{size?: number}} props */
export const Brand = ({ size = 22 }) => (
  <svg class="brand-mark" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
    <path d="M3 17a9 9 0 1 1 18 0" />
    <path class="needle" d="M12 17l4.2-6.2" />
    <path class="ticks" d="M5.6 10.6l1 .7M12 5.6V7M18.4 10.6l-1 .7" />
  </svg>
);
