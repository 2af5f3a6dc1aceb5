//! Every task of the project: up, down, test and the rest. `cargo xtask --help` lists them.
//!
//! Two commands are all that a newcomer needs: `cargo xtask up` brings the whole system up on one
//! machine, `cargo xtask test` runs every check that the project has. Both install what they need
//! into the clone and leave the machine as it was.

mod arguments;
mod bench;
mod chaos;
mod clock;
mod dashboard;
mod failure;
mod fuzz;
mod package;
mod process;
mod seed;
mod stack;
mod terminal;
mod test;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Task};
use failure::Result;
use stack::{Options, Stack, commands};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match clock::listen_for_stop().and_then(|()| perform(arguments.task)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::error(failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<()> {
    let stack = Stack::own();
    match task {
        Task::Up(up) => {
            let records = if up.no_seed { 0 } else { up.records };
            let detach = up.detach;
            let dashboard = up.dashboard;
            stack::up(
                &stack,
                Options {
                    detach,
                    records,
                    dashboard,
                },
            )
        }
        Task::Down => commands::down(&stack),
        Task::Reset => commands::reset(&stack),
        Task::Status => commands::status(&stack),
        Task::Logs(logs) => commands::logs(&stack, &logs.function, logs.follow),
        Task::Package => package::package(),
        Task::Test(parts) => test::run(&parts.names),
        Task::Bench(bench) => bench::run(bench.name.as_deref(), bench.json),
        Task::Chaos(chaos) => chaos::run(chaos.matrix),
        Task::Fuzz(fuzz) => fuzz::run(&fuzz),
    }
}
