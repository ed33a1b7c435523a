/** Drawn as the kit's icons are; those that visitors never see are not part of the widget. */
const PATHS = {
  bell: "M6 16V10.5a6 6 0 0 1 12 0V16l1.5 2h-15zM10 21h4",
  bot: "M6 9h12v9H6zM12 9V5M9.5 13h.1M14.5 13h.1M3.5 12v3M20.5 12v3",
  details: "M4 5h16v14H4zM14.5 5v14",
  keyboard: "M3 7h18v10H3zM7 13.5h10M7 10.5h.1M10.5 10.5h.1M14 10.5h.1M17.5 10.5h.1",
  leave: "M14 4h5v16h-5M11 8l-4 4 4 4M7 12h9",
  reply: "M9 6l-5 5 5 5M4 11h10a6 6 0 0 1 6 6v1",
  room: "M9 11a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M18 8v6M15 11h6",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5L20 20",
  clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4l3 2",
  select: "M8 4h12v12H8zM4 8v12h12M11 10l2 2 4-4",
  settings: "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h7M15 17h5M15 5v4M9 10v4M13 15v4",
} as const;

export function InboxIcon({ name }: { name: keyof typeof PATHS }) {
  return <Glyph path={PATHS[name]} />;
}

export function Glyph({ path }: { path: string }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
