//! The record's form: which members it has, and what each may hold.
