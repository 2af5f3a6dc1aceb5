//! The read side: filter, plan, cursor, list and get.
