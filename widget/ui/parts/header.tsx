import type { ComponentChildren } from "preact";
import { useFace } from "../face.ts";
import { Icon } from "./icon.tsx";

interface HeaderProps {
  title: string;
  subtitle?: string;
  onBack?: () => void;
  children?: ComponentChildren;
}

export function Header({ title, subtitle, onBack, children }: HeaderProps) {
  const { strings, close } = useFace();
  return (
    <div class="header">
      {onBack && (
        <button type="button" class="icon-button" aria-label={strings.back} onClick={onBack}>
          <Icon name="back" />
        </button>
      )}
      <div class="header-text">
        <h2 dir="auto">{title}</h2>
        {subtitle && <p dir="auto">{subtitle}</p>}
      </div>
      {children}
      <button type="button" class="icon-button" aria-label={strings.close} onClick={close}>
        <Icon name="close" />
      </button>
    </div>
  );
}
