const PATHS = {
  back: "M15 5l-7 7 7 7",
  box: "M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8",
  chat:
    "M12 4c-5 0-8.5 3.2-8.5 7.2 0 2.3 1.2 4.3 3.1 5.6-.1 1-.5 2-1.2 2.9 1.5-.2 2.8-.7 3.9-1.5.9.2 1.8.3 2.7.3 5 0 8.5-3.2 8.5-7.3S17 4 12 4z",
  close: "M6 6l12 12M18 6L6 18",
  document: "M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5",
  down: "M12 5v14M6 13l6 6 6-6",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1",
  pencil: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  send: "M12 19V5M6 11l6-6 6 6",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
} as const;

export type IconName = keyof typeof PATHS;

const ALIASES: Readonly<Record<string, IconName>> = {
  message: "chat",
  messages: "chat",
  order: "box",
  orders: "box",
  package: "box",
  file: "document",
};

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A tab's icon is a name of the set above or an emoji; anything else falls back to the category's own. */
export function TabIcon({ icon = "", category }: { icon?: string; category: "default" | "messaging" }) {
  if (/^\p{Emoji_Presentation}/u.test(icon)) return <span class="emoji" aria-hidden="true">{icon}</span>;
  const known = Object.hasOwn(PATHS, icon) ? icon as IconName : ALIASES[icon];
  return <Icon name={known ?? (category === "messaging" ? "chat" : "list")} />;
}
