import { afterEach, vi } from "vitest";
import { cleanup } from "@testing-library/react";

afterEach(() => {
  cleanup();
  if (typeof window === "undefined") return;
  sessionStorage.clear();
  localStorage.clear();
});

// jsdom lays nothing out, so the observers that layout needs are silent.
class Silent {
  observe(): void {
    return undefined;
  }
  unobserve(): void {
    return undefined;
  }
  disconnect(): void {
    return undefined;
  }
}
vi.stubGlobal("ResizeObserver", Silent);
vi.stubGlobal("IntersectionObserver", Silent);
