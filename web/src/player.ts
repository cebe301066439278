// Loaded on lecture pages only.
import { one } from "./lib/dom";
import { Player } from "./player/player";

const box = one("#player");
if (box) void new Player(box).begin();
