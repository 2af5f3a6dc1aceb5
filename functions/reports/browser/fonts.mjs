// The fonts of the printed page, in the order in which the page names them: name, family, files.
// TrueType outlines only: Chromium draws the letters of an OpenType font with CFF outlines one by
// one, as Type 3. Only faces that the page uses are taken: recorded text is never bold or italic.
import path from "node:path";
import { fileURLToPath } from "node:url";

const modules = path.join(path.dirname(fileURLToPath(import.meta.url)), "node_modules");

const google = (name, file, ...faces) =>
  faces.map((face) => path.join(modules, `@expo-google-fonts/${name}/${face}/${file}_${face}.ttf`));

export const fonts = [
  { family: "Noto Sans", files: google("noto-sans", "NotoSans", "400Regular", "700Bold", "400Regular_Italic") },
  {
    family: "Noto Sans Arabic",
    files: google("noto-sans-arabic", "NotoSansArabic", "400Regular"),
  },
  {
    family: "Noto Sans Hebrew",
    files: [path.join(modules, "@embedpdf/fonts-hebrew/fonts/NotoSansHebrew-Regular.ttf")],
  },
  {
    family: "Noto Sans Devanagari",
    files: google("noto-sans-devanagari", "NotoSansDevanagari", "400Regular"),
  },
  { family: "Noto Sans Thai", files: google("noto-sans-thai", "NotoSansThai", "400Regular") },
  { family: "Noto Sans JP", files: google("noto-sans-jp", "NotoSansJP", "400Regular") },
  { family: "Noto Sans SC", files: google("noto-sans-sc", "NotoSansSC", "400Regular") },
  { family: "Noto Sans KR", files: google("noto-sans-kr", "NotoSansKR", "400Regular") },
  { family: "Noto Emoji", files: google("noto-emoji", "NotoEmoji", "400Regular") },
  { family: "DejaVu Sans", files: [path.join(modules, "dejavu-fonts-ttf/ttf/DejaVuSans.ttf")] },
  { family: "DejaVu Sans Mono", files: [path.join(modules, "dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf")] },
];
