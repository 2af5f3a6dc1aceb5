//! Stores that enforce AWS's rules and inject faults, clocks, and the contract suites. For tests only.
