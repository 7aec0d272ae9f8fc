// SPDX-License-Identifier: Apache-2.0
// Where the tiles go: as large as they fit, or a stage with a strip of the others beside it.

const LANDSCAPE = 16 / 9;
const UPRIGHT = 4 / 3; // on a phone held upright, broad tiles would waste most of the screen

/** The widest tile of the aspect with which `count` of them fit: tries every number of columns. */
export function bestFit(count, width, height, gap, aspect) {
  let best = 0;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const byWidth = (width - gap * (columns - 1)) / columns;
    const byHeight = ((height - gap * (rows - 1)) / rows) * aspect;
    best = Math.max(best, Math.min(byWidth, byHeight));
  }
  return Math.max(0, Math.floor(best));
}

function arrange(container) {
  const count = container.childElementCount;
  const { clientWidth: width, clientHeight: height } = container;
  if (count === 0 || width === 0) return;
  const gap = Number.parseFloat(getComputedStyle(container).columnGap) || 0;
  const aspect = width < height && count > 1 ? UPRIGHT : LANDSCAPE;
  container.style.setProperty('--tile-width', `${bestFit(count, width, height, gap, aspect)}px`);
  container.style.setProperty('--tile-aspect', String(aspect));
}

export class Floor {
  #tiles = new Map();
  #floor;
  #stage;
  #grid;

  constructor(floor, stage, grid) {
    this.#floor = floor;
    this.#stage = stage;
    this.#grid = grid;
    new ResizeObserver(() => this.#fit()).observe(floor);
  }

  get tiles() {
    return [...this.#tiles.values()];
  }

  get(feed) {
    return this.#tiles.get(feed);
  }

  add(feed, tile) {
    this.#tiles.set(feed, tile);
    this.layout();
  }

  delete(feed) {
    this.#tiles.get(feed)?.remove();
    this.#tiles.delete(feed);
    this.layout();
  }

  clear() {
    for (const feed of [...this.#tiles.keys()]) this.delete(feed);
  }

  /** One tile at most is pinned; without a pin, shared screens are on the stage. */
  togglePin(tile) {
    const pin = !tile.pinned;
    for (const other of this.tiles) other.setPinned(false);
    tile.setPinned(pin);
    this.layout();
  }

  layout() {
    const pinned = this.tiles.filter((tile) => tile.pinned);
    // Our own screen shown large to ourselves would be a hall of mirrors.
    const screens = this.tiles.filter((tile) => tile.screen && !tile.about.self);
    const large = new Set(pinned.length > 0 ? pinned : screens);
    for (const tile of this.tiles) {
      const home = large.has(tile) ? this.#stage : this.#grid;
      if (tile.element.parentNode !== home) {
        home.append(tile.element);
        tile.play(); // moving a video element pauses it
      }
    }
    this.#stage.hidden = large.size === 0;
    this.#floor.classList.toggle('with-stage', large.size > 0);
    this.#fit();
  }

  #fit() {
    arrange(this.#stage);
    if (this.#stage.hidden) arrange(this.#grid);
    else this.#grid.style.removeProperty('--tile-width');
  }
}
