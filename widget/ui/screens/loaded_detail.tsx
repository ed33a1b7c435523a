import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../../client/http/problem.ts";
import { Failure, Skeleton } from "../../../kit/components/notes.tsx";
import { Header } from "../header.tsx";
import { PanelContext, usePanel } from "../panel_context.ts";
import type { Detail, DetailProps } from "./detail.tsx";

const SKELETON_ROWS = 4;
const NOT_LOADED: Problem = { code: "network", message: "This part of the widget could not be loaded." };

/** The detail of a record, whose code is loaded with the first one: most visitors only write messages. */
export function LoadedDetail(props: DetailProps) {
  const { navigation, addStyles } = usePanel();
  const [Screen, setScreen] = useState<typeof Detail | null>(null);
  const [failed, setFailed] = useState(false);

  async function load() {
    setFailed(false);
    try {
      const module = await import("./detail.tsx");
      // A panel that took two attempts to load has another address than the one that its parts import.
      if (module.DetailContext !== PanelContext) throw new Error("Another copy of the panel was loaded.");
      addStyles(module.styles);
      setScreen(() => module.Detail);
    } catch {
      setFailed(true);
    }
  }
  useEffect(() => void load(), []);

  if (Screen) return <Screen {...props} />;
  return (
    <>
      <Header title={props.item.title || props.item.id} onBack={navigation.back} />
      {failed
        ? <Failure problem={NOT_LOADED} onRetry={() => void load()} />
        : <Skeleton rows={SKELETON_ROWS} kind="row" />}
    </>
  );
}
