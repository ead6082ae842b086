import hooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const NO_RAW_HTML = {
  selector:
    "JSXAttribute[name.name='dangerouslySetInnerHTML'], Property[key.name='dangerouslySetInnerHTML'], MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML)$/]",
  message: "Log text is text, never HTML.",
};

export default defineConfig(
  globalIgnores(["dist", "node_modules", "src/api/schema.ts", "public"]),
  {
    files: ["src/**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, hooks.configs.flat["recommended-latest"]],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "no-restricted-syntax": ["error", NO_RAW_HTML],
      "no-console": "error",
      eqeqeq: "error",
      "max-lines": ["error", { max: 200, skipBlankLines: false }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-misused-promises": [
        "error",
        { checksVoidReturn: { attributes: false } },
      ],
      // It warns about what React's compiler would skip; we build without that compiler.
      "react-hooks/incompatible-library": "off",
      // A route's `throw redirect(...)` is the router's own way.
      "@typescript-eslint/only-throw-error": "off",
    },
  },
);
