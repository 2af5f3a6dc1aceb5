//! Charts: bars as inline SVG, so that they print as vector graphics.
//!
//! A chart is one picture with a text in its place for those who can't see it; its numbers also
//! stand in a table beside it. Bars are told apart by place and length, never by colour alone.

use crate::content::Chart;
use crate::figures;
use crate::markup::Markup;

/// The picture's size in its own units. Its width on paper is the column's.
const WIDTH: u64 = 640;
const HEIGHT: u64 = 150;
/// Where the bars stand: room for the largest number on the left and for dates below.
const LEFT: u64 = 64;
const TOP: u64 = 10;
const BOTTOM: u64 = 20;
/// The widest bar.
const BAR_MAX: u64 = 28;
/// The most bars: below 3 units each they are no longer told apart in print.
pub(crate) const BARS_MAX: usize = 190;
/// The most dates below the bars: one takes some 60 units of the line.
const DATES_MAX: usize = 8;

/// Draws a chart.
pub(crate) fn draw(chart: &Chart, page: &mut Markup) {
    let most = chart.points.iter().map(|(_, count)| *count).max();
    let most = most.unwrap_or(0).max(1);
    let view = format!("0 0 {WIDTH} {HEIGHT}");
    let picture = [
        ("viewBox", view.into()),
        ("role", "img".into()),
        ("aria-label", in_words(chart).into()),
    ];
    page.element("svg", &picture, |svg| {
        let base = HEIGHT - BOTTOM;
        for (y, value) in [(TOP, most), (base, 0)] {
            line(y, svg);
            label(LEFT - 6, y + 4, "end", &figures::count(value), svg);
        }
        let bars = u64::try_from(chart.points.len().max(1)).unwrap_or(1);
        let every = chart.points.len().div_ceil(DATES_MAX).max(1);
        for (at, (date, count)) in chart.points.iter().enumerate() {
            // Thousandths of a unit, in whole numbers: the same figures give the same bytes.
            let place = |n: u64| LEFT * 1000 + (WIDTH - LEFT) * 1000 * n / bars;
            let n = u64::try_from(at).unwrap_or(0);
            let (from, to) = (place(n), place(n + 1));
            let height = scaled(*count, most, (base - TOP) * 1000);
            let gap = ((to - from) / 6).max((to - from).saturating_sub(BAR_MAX * 1000) / 2);
            if height > 0 {
                let bar = [
                    ("x", units(from + gap).into()),
                    ("y", units(base * 1000 - height).into()),
                    ("width", units(to - from - 2 * gap).into()),
                    ("height", units(height).into()),
                    ("class", "bar".into()),
                ];
                svg.element("rect", &bar, |_| {});
            }
            if at % every == 0 {
                label(from / 1000, HEIGHT - 5, "start", date, svg);
            }
        }
    });
}

/// The text in the picture's place.
fn in_words(chart: &Chart) -> String {
    let total = chart
        .points
        .iter()
        .fold(0_u64, |sum, (_, n)| sum.saturating_add(*n));
    let most = chart.points.iter().max_by_key(|(_, count)| *count);
    let total = figures::counted(total, chart.unit);
    match (chart.points.first(), chart.points.last(), most) {
        (Some((first, _)), Some((last, _)), Some((peak, most))) => format!(
            "{}: {total} from {first} to {last}; the most, {}, at {peak}.",
            chart.caption,
            figures::count(*most),
        ),
        _ => format!("{}: {total}.", chart.caption),
    }
}

/// A bar for a share.
pub(crate) fn share(part: u64, whole: u64, page: &mut Markup) {
    let tenths = figures::tenths(part.min(whole), whole).unwrap_or(0);
    page.element(
        "svg",
        &[
            ("viewBox", "0 0 1000 100".into()),
            ("class", "share".into()),
            ("preserveAspectRatio", "none".into()),
            ("aria-hidden", "true".into()),
        ],
        |svg| {
            for (class, width) in [("track", 1000), ("bar", tenths)] {
                let bar = [
                    ("width", width.to_string().into()),
                    ("height", "100".into()),
                    ("class", class.into()),
                ];
                svg.element("rect", &bar, |_| {});
            }
        },
    );
}

fn line(y: u64, svg: &mut Markup) {
    svg.element(
        "line",
        &[
            ("x1", LEFT.to_string().into()),
            ("x2", WIDTH.to_string().into()),
            ("y1", y.to_string().into()),
            ("y2", y.to_string().into()),
        ],
        |_| {},
    );
}

fn label(x: u64, y: u64, anchor: &'static str, text: &str, svg: &mut Markup) {
    svg.element(
        "text",
        &[
            ("x", x.to_string().into()),
            ("y", y.to_string().into()),
            ("text-anchor", anchor.into()),
        ],
        |inside| inside.text(text),
    );
}

/// `count` of `most` on a scale, rounded down, but at least one where there is any.
fn scaled(count: u64, most: u64, scale: u64) -> u64 {
    let scaled = u128::from(count) * u128::from(scale) / u128::from(most.max(1));
    let scaled = u64::try_from(scaled).unwrap_or(scale);
    scaled.max(u64::from(count > 0) * 1000)
}

fn units(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}
