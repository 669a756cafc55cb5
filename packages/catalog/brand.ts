/** `#rrggbb`. */
export type Color = `#${string}`;

/** Colours in one scheme. Text of 4.5 : 1 (WCAG 2.2 §1.4.3) asks for dark links on white and light ones on black. */
export interface BrandColors {
  /** What the main button is filled with, and what stands on it. */
  accent: Color;
  onAccent: Color;
  /** Links, and the ring around what has the focus. */
  link: Color;
}

/** How the pages of a product look. */
export interface Brand {
  /** An SVG document, square: shown at 32 pixels, on light and on dark. */
  logo?: string;
  colors?: { light: BrandColors; dark: BrandColors };
}

/** What is wrong with a brand that no compiler has seen. */
export function brandMistakes({ logo, colors }: Brand): string[] {
  const values = colors ? [colors.light, colors.dark].flatMap((scheme) => Object.values(scheme)) : [];
  return [
    ...(logo !== undefined && !logo.startsWith('<svg ') ? ['the logo is not an SVG document'] : []),
    ...values
      .filter((value) => !/^#[0-9a-f]{6}$/i.test(value))
      .map((value) => `${value} is not a colour as #rrggbb`),
  ];
}
