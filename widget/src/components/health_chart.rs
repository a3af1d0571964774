//! Two weeks of texts and calls: bars for the eye, a table for who wants numbers or does not see the bars.

use hotline::sidebar::words::health::{Bars, bars, legend, row, summary};
use leptos::prelude::*;
use protocol::health::Day;

/// The size of the drawing, in its own units: it is as wide as there is room.
const HEIGHT: u32 = 40;
const WIDTH_OF_DAY: usize = 18;
const WIDTH_OF_BAR: usize = 7;

/// Texts and calls of each day beside each other.
#[component]
pub fn HealthChart(
    /// The newest last.
    days: Vec<Day>,
) -> impl IntoView {
    let [first, most, last] = legend(&days);
    let all = summary(&days);
    let size = format!("0 0 {} {HEIGHT}", days.len() * WIDTH_OF_DAY);
    let drawn =
        bars(&days, HEIGHT).into_iter().enumerate().map(|(at, day)| pair(at * WIDTH_OF_DAY, day)).collect_view();
    let rows = days.iter().rev().map(|day| view! { <TableRow cells=row(day) /> }).collect_view();
    view! {
        <figure>
            <figcaption>
                <span prop:textContent=all></span>
                <span class="key texts">"texts"</span>
                <span class="key calls">"calls"</span>
            </figcaption>
            // The caption says it in words, and the table in numbers.
            <svg aria-hidden="true" viewBox=size preserveAspectRatio="none">{drawn}</svg>
            <div class="line" aria-hidden="true">
                <span prop:textContent=first></span><span prop:textContent=most></span><span prop:textContent=last></span>
            </div>
            <details>
                <summary>"Day by day"</summary>
                <table>
                    <thead>
                        <tr><th scope="col">"Day"</th><th scope="col">"Texts"</th><th scope="col">"Calls"</th><th scope="col">"Voicemails"</th></tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </details>
        </figure>
    }
}

fn pair(left: usize, Bars { texts, calls }: Bars) -> impl IntoView {
    let bar = |class: &'static str, left: usize, height: u32| {
        let (x, y) = (left.to_string(), (HEIGHT - height.min(HEIGHT)).to_string());
        view! { <rect class=class x=x y=y width=WIDTH_OF_BAR.to_string() height=height.to_string()></rect> }
    };
    (bar("texts", left + 1, texts), bar("calls", left + 1 + WIDTH_OF_BAR, calls))
}

#[component]
fn TableRow(cells: [String; 4]) -> impl IntoView {
    let [day, texts, calls, voicemails] = cells;
    view! {
        <tr>
            <th scope="row" prop:textContent=day></th>
            <td prop:textContent=texts></td>
            <td prop:textContent=calls></td>
            <td prop:textContent=voicemails></td>
        </tr>
    }
}
