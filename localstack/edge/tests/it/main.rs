//! The edge in front of a small API of the test's own, over real connections.

mod through_the_edge;
