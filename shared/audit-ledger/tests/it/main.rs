//! The benches work, and the bare loop does what the writer does.

#[path = "../../benches/writer/bare.rs"]
mod bare;
mod bare_loop;
#[path = "../../benches/writer/figures.rs"]
mod figures;
#[path = "../../benches/writer/world.rs"]
mod world;
