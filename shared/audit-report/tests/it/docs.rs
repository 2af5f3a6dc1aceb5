use audit_report::law::DUTIES;

const DOCUMENT: &str = include_str!("../../../../docs/REPORTS.md");

/// The table that belongs between the document's two marks.
fn table() -> String {
    let rows = DUTIES.iter().map(|duty| {
        let from = duty.applies_from.as_ref().map_or("", |date| date.day);
        format!("| {} | {} | {from} |\n", duty.short(), duty.asks)
    });
    let rows: String = rows.collect();
    format!("| clause | asks | applies from |\n|---|---|---|\n{rows}")
}

#[test]
fn the_document_lists_the_duties_as_the_code_has_them() {
    let (_, rest) = DOCUMENT.split_once("<!-- duties -->\n").unwrap();
    let (listed, _) = rest.split_once("<!-- end -->").unwrap();
    let table = table();
    assert!(listed == table, "between the marks belongs:\n{table}");
}
