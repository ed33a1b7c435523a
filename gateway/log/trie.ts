interface Node<Value> {
  children: Map<string, Node<Value>>;
  /** Behind a `*`. */
  star: Node<Value> | null;
  values: Set<Value> | null;
}

/** Values under topics, in which `*` stands for any one token. */
export class TopicTrie<Value> {
  readonly #root: Node<Value> = emptyNode();
  #nodes = 0;

  /** Nodes below the root: none where there are no values. */
  get nodes(): number {
    return this.#nodes;
  }

  add(tokens: readonly string[], value: Value): void {
    let node = this.#root;
    for (const token of tokens) node = childOf(node, token) ?? this.#grow(node, token);
    (node.values ??= new Set()).add(value);
  }

  remove(tokens: readonly string[], value: Value): void {
    const path: Node<Value>[] = [this.#root];
    for (const token of tokens) {
      const next = childOf(path[path.length - 1] as Node<Value>, token);
      if (!next) return;
      path.push(next);
    }
    const last = path[path.length - 1] as Node<Value>;
    last.values?.delete(value);
    if (last.values?.size === 0) last.values = null;
    for (let depth = tokens.length; depth > 0; depth--) {
      const { values, star, children } = path[depth] as Node<Value>;
      if (values || star || children.size > 0) return;
      const parent = path[depth - 1] as Node<Value>;
      const token = tokens[depth - 1] as string;
      if (token === "*") parent.star = null;
      else parent.children.delete(token);
      this.#nodes--;
    }
  }

  /** Calls `use` with each value whose topic means this one; more than once for a value that stands under several. */
  visit(tokens: readonly string[], use: (value: Value) => void): void {
    walk(this.#root, tokens, 0, use);
  }

  #grow(parent: Node<Value>, token: string): Node<Value> {
    const node: Node<Value> = emptyNode();
    if (token === "*") parent.star = node;
    else parent.children.set(token, node);
    this.#nodes++;
    return node;
  }
}

function emptyNode<Value>(): Node<Value> {
  return { children: new Map(), star: null, values: null };
}

function childOf<Value>(node: Node<Value>, token: string): Node<Value> | null | undefined {
  return token === "*" ? node.star : node.children.get(token);
}

function walk<Value>(
  node: Node<Value>,
  tokens: readonly string[],
  depth: number,
  use: (value: Value) => void,
): void {
  if (depth === tokens.length) return node.values?.forEach(use);
  const child = node.children.get(tokens[depth] as string);
  if (child) walk(child, tokens, depth + 1, use);
  if (node.star) walk(node.star, tokens, depth + 1, use);
}
