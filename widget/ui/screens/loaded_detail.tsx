import type { Problem } from "../../../client/http/problem.ts";
import { Failure, Skeleton } from "../../../kit/components/notes.tsx";
import { Header } from "../header.tsx";
import { useLoaded } from "../loaded.tsx";
import { usePanel } from "../panel_context.ts";
import type { DetailProps } from "./detail.tsx";

const SKELETON_ROWS = 4;
const NOT_LOADED: Problem = { code: "network", message: "Not loaded." };

/** The detail of a record, whose code is loaded with the first one: most visitors only write messages. */
export function LoadedDetail(props: DetailProps) {
  const { navigation } = usePanel();
  const { module, failed, load } = useLoaded(() => import("./detail.tsx"));
  if (module) return <module.Detail {...props} />;
  return (
    <>
      <Header title={props.item.title || props.item.id} onBack={navigation.back} />
      {failed
        ? <Failure problem={NOT_LOADED} onRetry={load} />
        : <Skeleton rows={SKELETON_ROWS} kind="row" />}
    </>
  );
}
