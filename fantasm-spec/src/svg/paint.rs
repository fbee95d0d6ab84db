//! Writes the picture.
//!
//! Every colour is given twice: as an attribute, for renderers without style sheets or variables, and in the style sheet, for
//! browsers, whose readers may prefer the dark and whose pages may have colours of their own.

use std::fmt::Write;

use super::geometry::{Heading, Leg, Point, Size};
use super::layout::{Layout, Route, TIP};
use super::shape::{DOT, DOUBLE, N_PAGES, PAGE, PAGE_INSET, Shape, text_size};
use super::text::{Font, Line};
use super::xml::{Attribute, Number, Xml, id_part};
use super::{Options, Scene, Way, caption};
use crate::model::{Machine, State};

const CANVAS: &str = "#ffffff";
const TEXT: &str = "#1f2328";
const NOTE: &str = "#59636e";
const LINE: &str = "#6e7781";
const FAILURE: &str = "#cf222e";
const SANS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const MONO: &str = "ui-monospace, Menlo, Consolas, 'Liberation Mono', monospace";

/// Writes the picture: lines first, states above them.
pub(super) fn paint(machine: &Machine, scene: &Scene<'_>, layout: &Layout, options: &Options) -> String {
    let id = options.id.clone().unwrap_or_else(|| format!("fsm_{}", id_part(machine.name.as_str())));
    let mut xml = Xml::default();
    open(&mut xml, machine, layout.size, &id);
    if options.has_canvas {
        xml.empty("rect", &[("class", &"canvas"), ("width", &"100%"), ("height", &"100%"), ("fill", &CANVAS)]);
    }
    xml.open("g", &[("class", &"transitions"), ("text-anchor", &"middle")]);
    for (each, route) in scene.ways.iter().zip(&layout.routes) {
        way(&mut xml, machine, each, route);
    }
    xml.close();
    if let (Some(route), Some(dot)) = (layout.routes.last(), layout.centres.get(machine.states.len())) {
        xml.open("g", &[("class", &"entry")]);
        line(&mut xml, route, LINE, None);
        let (x, y) = (Number(dot.x), Number(dot.y));
        xml.empty("circle", &[("class", &"start"), ("cx", &x), ("cy", &y), ("r", &DOT), ("fill", &LINE)]);
        xml.close();
    }
    xml.open("g", &[("class", &"states"), ("text-anchor", &"middle")]);
    for ((each, shape), centre) in machine.states.iter().zip(&scene.states).zip(&layout.centres) {
        state(&mut xml, each, shape, *centre, &id);
    }
    xml.finish()
}

fn open(xml: &mut Xml, machine: &Machine, size: Size, id: &str) {
    let (width, height) = (Number(size.width), Number(size.height));
    let (title, description) = (format!("{id}_title"), format!("{id}_desc"));
    xml.open(
        "svg",
        &[
            ("xmlns", &"http://www.w3.org/2000/svg"),
            ("class", &"fsm"),
            ("id", &id),
            ("data-machine", &machine.name),
            ("width", &width),
            ("height", &height),
            ("viewBox", &format_args!("0 0 {width} {height}")),
            ("overflow", &"visible"),
            ("role", &"img"),
            ("aria-labelledby", &format_args!("{title} {description}")),
            ("font-family", &SANS),
        ],
    );
    xml.text("title", &[("id", &title)], machine.name.as_str());
    xml.text("desc", &[("id", &description)], &caption::description(machine));
    xml.text("style", &[], include_str!("style.css").trim_end());
}

fn way(xml: &mut Xml, machine: &Machine, way: &Way<'_>, route: &Route) {
    let (from, to) = (&machine[way.from].name, &machine[way.to].name);
    match way.transition {
        Some(transition) => {
            let event = &transition.event;
            xml.open("g", &[("class", &"transition"), ("data-from", from), ("data-event", event), ("data-to", to)]);
            xml.text("title", &[], &caption::way_tooltip(from, transition, to));
            line(xml, route, LINE, None);
        }
        None => {
            xml.open("g", &[("class", &"failure"), ("data-from", from), ("data-to", to)]);
            line(xml, route, FAILURE, Some("4 3"));
        }
    }
    if let Some(centre) = route.label {
        label(xml, &way.lines, centre, route.heading == Heading::Left);
    }
    xml.close();
}

fn state(xml: &mut Xml, state: &State, shape: &Shape, centre: Point, id: &str) {
    let mut class = String::from("state");
    let classes = [
        (state.is_initial, " initial"),
        (state.is_final, " final"),
        (shape.is_stack, " continuation"),
        (shape.is_funnel, " fan-in"),
    ];
    class.extend(classes.into_iter().filter_map(|(has, name)| has.then_some(name)));
    let id = format!("{id}_state_{}", id_part(state.name.as_str()));
    let (fill, stroke) = match (shape.is_stack, shape.is_funnel) {
        (true, _) => ("#e6f2ff", "#0969da"),
        (_, true) => ("#fff6d9", "#9a6700"),
        _ => ("#f6f8fa", LINE),
    };
    xml.open("g", &[("class", &class), ("id", &id), ("data-state", &state.name)]);
    xml.text("title", &[], &caption::tooltip(state));
    xml.open("g", &[("class", &"shape"), ("fill", &fill), ("stroke", &stroke), ("stroke-width", &1.5)]);
    let top = centre.y - shape.node().size.height / 2.0;
    outlines(xml, shape, state.is_final, Point::new(centre.x, top));
    xml.close();
    texts(xml, &shape.lines, Point::new(centre.x, top + shape.front.height / 2.0));
    count(xml, Point::new(centre.x + (shape.lean() - shape.front.width) / 2.0, top + shape.front.height / 2.0));
    xml.close();
}

/// Makes a place for a number across the left side of a state, where no line ends, with a halo that covers the border. Long
/// numbers grow outwards.
fn count(xml: &mut Xml, side: Point) {
    let (x, y) = (Number(side.x + 6.0), Number(side.y + 4.0));
    let attributes: [Attribute<'_>; 11] = [
        ("class", &"count"),
        ("x", &x),
        ("y", &y),
        ("text-anchor", &"end"),
        ("font-size", &12),
        ("font-weight", &700),
        ("fill", &TEXT),
        ("stroke", &CANVAS),
        ("stroke-width", &5),
        ("stroke-linejoin", &"round"),
        ("paint-order", &"stroke"),
    ];
    xml.text("text", &attributes, "");
}

/// Draws the borders of a state, those in front last; `top` is the middle of the upper one.
fn outlines(xml: &mut Xml, shape: &Shape, is_final: bool, top: Point) {
    let Size { width, height } = shape.front;
    let mut rectangle = |inset_x: f64, y: f64, height: f64, radius: f64| {
        let (x, width) = (Number(top.x - width / 2.0 + inset_x), Number(width - 2.0 * inset_x));
        let (y, height, radius) = (Number(top.y + y), Number(height), Number(radius));
        xml.empty("rect", &[("x", &x), ("y", &y), ("width", &width), ("height", &height), ("rx", &radius)]);
    };
    if shape.is_funnel {
        for inset in [0.0, DOUBLE].into_iter().take(if is_final { 2 } else { 1 }) {
            let path = funnel(top, shape, inset);
            xml.empty("path", &[("d", &path)]);
        }
        return;
    }
    for page in (1..=N_PAGES).rev().filter(|_| shape.is_stack) {
        let page = page as f64;
        rectangle(page * PAGE_INSET, page * PAGE, height, 8.0);
    }
    rectangle(0.0, 0.0, height, 8.0);
    if is_final {
        rectangle(DOUBLE, DOUBLE, height - 2.0 * DOUBLE, 8.0 - DOUBLE);
    }
}

/// Draws a funnel: wide above, where contexts come in, and narrow below, with corners a little round.
fn funnel(top: Point, shape: &Shape, inset: f64) -> String {
    let (half, height) = (shape.front.width / 2.0 - inset, shape.front.height - 2.0 * inset);
    let lean = shape.lean() * height / shape.front.height;
    let corners = [
        Point::new(top.x - half, top.y + inset),
        Point::new(top.x + half, top.y + inset),
        Point::new(top.x + half - lean, top.y + inset + height),
        Point::new(top.x - half + lean, top.y + inset + height),
    ];
    let radius = 6.0 - inset;
    let mut path = String::new();
    for at in 0..4 {
        let (before, corner, after) = (corners[(at + 3) % 4], corners[at], corners[(at + 1) % 4]);
        let (entry, exit) = (towards(corner, before, radius), towards(corner, after, radius));
        let command = if at == 0 { 'M' } else { 'L' };
        // A text takes all that is written into it.
        let _ = write!(path, "{command}{}Q{} {}", pair(entry), pair(corner), pair(exit));
    }
    path.push('Z');
    path
}

fn towards(from: Point, to: Point, length: f64) -> Point {
    let (x, y) = (to.x - from.x, to.y - from.y);
    let share = length / x.hypot(y).max(length);
    Point::new(from.x + x * share, from.y + y * share)
}

fn line(xml: &mut Xml, route: &Route, colour: &str, dashes: Option<&str>) {
    let mut path = format!("M{}", pair(route.start));
    for leg in &route.legs {
        // A text takes all that is written into it.
        let _ = match leg {
            Leg::Line(end) => write!(path, "L{}", pair(*end)),
            Leg::Curve(one, other, end) => write!(path, "C{} {} {}", pair(*one), pair(*other), pair(*end)),
        };
    }
    let mut attributes: Vec<Attribute<'_>> =
        vec![("class", &"line"), ("d", &path), ("fill", &"none"), ("stroke", &colour), ("stroke-width", &1.5)];
    if let Some(dashes) = &dashes {
        attributes.push(("stroke-dasharray", dashes));
    }
    xml.empty("path", &attributes);
    let Point { x, y } = route.tip;
    let half = TIP * 0.45;
    let (one, other) = match route.heading {
        Heading::Down => (Point::new(x - half, y - TIP), Point::new(x + half, y - TIP)),
        Heading::Up => (Point::new(x - half, y + TIP), Point::new(x + half, y + TIP)),
        Heading::Left => (Point::new(x + TIP, y - half), Point::new(x + TIP, y + half)),
    };
    let tip = format!("M{}L{}L{}Z", pair(route.tip), pair(one), pair(other));
    xml.empty("path", &[("class", &"tip"), ("d", &tip), ("fill", &colour)]);
}

/// Writes the label of a line: that of a loop stands beside it, any other has its line pass behind it.
fn label(xml: &mut Xml, lines: &[Line], centre: Point, is_beside: bool) {
    let Size { width, height } = text_size(lines);
    if is_beside {
        xml.open("g", &[("text-anchor", &"start")]);
        texts(xml, lines, Point::new(centre.x - width / 2.0, centre.y));
        return xml.close();
    }
    let (x, y) = (Number(centre.x - width / 2.0 - 3.0), Number(centre.y - height / 2.0));
    let (width, height) = (Number(width + 6.0), Number(height));
    xml.empty(
        "rect",
        &[("class", &"back"), ("x", &x), ("y", &y), ("width", &width), ("height", &height), ("fill", &CANVAS)],
    );
    texts(xml, lines, centre);
}

/// Writes lines of text at an x, around a y.
fn texts(xml: &mut Xml, lines: &[Line], Point { x, y }: Point) {
    let mut top = y - text_size(lines).height / 2.0;
    for line in lines {
        let (height, size) = (line.font.line_height(), line.font.size());
        // The middle of the letters is about 0.35 of their size above the base line.
        let (x, y) = (Number(x), Number(top + height / 2.0 + 0.35 * size));
        let (class, fill) = (line.font.class(), if matches!(line.font, Font::Note | Font::Code) { NOTE } else { TEXT });
        let mut attributes: Vec<Attribute<'_>> =
            vec![("class", &class), ("x", &x), ("y", &y), ("font-size", &size), ("fill", &fill)];
        match line.font {
            Font::Name => attributes.push(("font-weight", &600)),
            Font::Code => attributes.push(("font-family", &MONO)),
            Font::Event | Font::Note => {}
        }
        xml.text("text", &attributes, &line.text);
        top += height;
    }
}

fn pair(point: Point) -> String {
    format!("{} {}", Number(point.x), Number(point.y))
}
