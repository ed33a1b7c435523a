/**
 * Runs a build of Vite's as for production: whatever NODE_ENV says, owners get that one, and Vite would go by it.
 * @template Result
 * @param {() => Promise<Result>} build
 * @returns {Promise<Result>}
 */
export async function asProduction(build) {
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = "production";
  try {
    return await build();
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
  }
}
