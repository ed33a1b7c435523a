// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { createHost, type Host } from "../../../../widget/loader/host.ts";

const CONFIG = { agentId: "a", apiOrigin: "https://project.example" };
const hosts = () => document.querySelectorAll("heddle-widget");

describe("the widget's element", () => {
  let host: Host | undefined;
  afterEach(() => host?.remove());

  it("comes back when a router swaps the body", async () => {
    host = createHost(CONFIG);
    const element = hosts()[0];
    document.body.replaceWith(document.createElement("body"));
    await vi.waitFor(() => expect(hosts()[0]).toBe(element));
    document.body.replaceWith(document.createElement("body"));
    await vi.waitFor(() => expect(hosts()[0]).toBe(element));
  });

  it("tells what is inside that it was attached again", async () => {
    host = createHost(CONFIG);
    const onAttached = vi.fn();
    host.frame.addEventListener("attached", onAttached);
    document.body.replaceWith(document.createElement("body"));
    await vi.waitFor(() => expect(onAttached).toHaveBeenCalledOnce());
  });

  it("comes back when the page empties its body, once", async () => {
    host = createHost(CONFIG);
    document.body.replaceChildren();
    await vi.waitFor(() => expect(hosts()).toHaveLength(1));
  });

  it("takes the place of a dead copy from a router's page cache", async () => {
    host = createHost(CONFIG);
    const element = hosts()[0];
    const body = document.createElement("body");
    body.append(document.createElement("heddle-widget"));
    document.body.replaceWith(body);
    await vi.waitFor(() => expect([...hosts()]).toEqual([element]));
  });

  it("stays away after its removal", async () => {
    host = createHost(CONFIG);
    host.remove();
    document.body.append(document.createElement("p"));
    await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
    expect(hosts()).toHaveLength(0);
  });

  it("stands on the left of a right-to-left page unless told otherwise", () => {
    document.documentElement.dir = "rtl";
    document.body.style.direction = "rtl";
    host = createHost(CONFIG);
    expect(host.frame.dataset.side).toBe("left");
    host.remove();
    host = createHost({ ...CONFIG, position: "right" });
    expect(host.frame.dataset.side).toBe("right");
    document.body.style.direction = "";
    document.documentElement.dir = "";
  });
});
