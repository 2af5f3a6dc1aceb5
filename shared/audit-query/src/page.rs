//! One answer's rows, as many as it may hold.

use audit_storage::record_row::RecordRow;

/// How much one answer may hold.
#[derive(Debug, Clone, Copy)]
pub struct PageLimit {
    /// The most rows, at least 1.
    pub rows: usize,
    /// The most that the rows may weigh together; one row is given whatever it weighs.
    pub weight: usize,
    /// What a row weighs in the answer.
    pub weigh: fn(&RecordRow) -> usize,
}

/// The rows of one answer.
pub(crate) struct Page {
    pub(crate) rows: Vec<RecordRow>,
    weight: usize,
    limit: PageLimit,
    full: bool,
}

impl Page {
    /// An empty one.
    pub(crate) fn new(limit: PageLimit) -> Self {
        Self {
            rows: Vec::new(),
            weight: 0,
            limit,
            full: false,
        }
    }

    /// How many rows more it may hold.
    pub(crate) fn room(&self) -> usize {
        if self.full {
            0
        } else {
            self.limit.rows.saturating_sub(self.rows.len())
        }
    }

    /// Takes a row; gives it back if there is no room for it.
    #[expect(
        clippy::result_large_err,
        reason = "a row that is handed back, not an error"
    )]
    pub(crate) fn push(&mut self, row: RecordRow) -> Result<(), RecordRow> {
        let weight = self.weight.saturating_add((self.limit.weigh)(&row));
        if self.room() == 0 || (weight > self.limit.weight && !self.rows.is_empty()) {
            self.full = true;
            return Err(row);
        }
        self.weight = weight;
        self.rows.push(row);
        Ok(())
    }
}
