//! Charts, drawn as SVG with the theme's colours.
//!
//! Scales and layouts are pure and tested natively; `draw` turns them into elements.
