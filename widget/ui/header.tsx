import type { ComponentChildren } from "preact";
import { withoutOverrides } from "../../kit/text/rich_text.tsx";
import { useText } from "../../kit/text/text_context.ts";
import { usePanel } from "./panel_context.ts";
import { Icon } from "../../kit/components/icon.tsx";

interface HeaderProps {
  title: string;
  subtitle?: string;
  onBack?: () => void;
  children?: ComponentChildren;
}

export function Header({ title, subtitle, onBack, children }: HeaderProps) {
  const { close } = usePanel();
  const { strings } = useText();
  return (
    <div class="header">
      {onBack && (
        <button type="button" class="icon-button" aria-label={strings.back} onClick={onBack}>
          <Icon name="back" />
        </button>
      )}
      <div class="header-text">
        <h2 dir="auto">{withoutOverrides(title)}</h2>
        {subtitle && <p dir="auto">{subtitle}</p>}
      </div>
      {children}
      <button type="button" class="icon-button" aria-label={strings.close} onClick={close}>
        <Icon name="close" />
      </button>
    </div>
  );
}
