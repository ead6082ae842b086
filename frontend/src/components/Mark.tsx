/** The product's sign: lines whose variable parts stand out. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden>
      <rect width="24" height="24" rx="6" fill="#4253c9" />
      <g fill="none" stroke="#fff" strokeWidth="2" strokeLinecap="round">
        <path d="M6 7.5h5M6 12h8M6 16.5h4" />
        <path d="M15 7.5h3M14 16.5h4" opacity=".6" />
      </g>
    </svg>
  );
}
