//! What holds for every layout, tried on many random graphs.

use super::*;
use crate::svg::geometry::{Heading, Leg, Point, Size};

/// A small generator of numbers (SplitMix64), so that a failing seed can be tried again anywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((number ^ (number >> 31)) % limit as u64) as usize
    }

    fn size(&mut self, widest: usize, highest: usize) -> Size {
        Size { width: 2.0 * (5 + self.below(widest / 2)) as f64, height: (10 + self.below(highest)) as f64 }
    }
}

/// A graph with chains, cycles, loops, parallel edges, parts that nothing leads to, and states of all shapes.
fn random_graph(seed: u64) -> Graph {
    let mut numbers = Numbers(seed);
    let n_states = 1 + numbers.below(30);
    let mut nodes: Vec<Node> = (0..n_states).map(|_| random_node(&mut numbers)).collect();
    nodes.push(Node { size: Size { width: 12.0, height: 12.0 }, foot: 0.0, side: 12.0, lean: 0.0 });
    let mut edges: Vec<Edge> = (0..numbers.below(2 * n_states + 3))
        .map(|_| {
            let from = numbers.below(n_states);
            let to = if numbers.below(2) == 0 { numbers.below(n_states) } else { (from + 1).min(n_states - 1) };
            Edge { from, to, label: Some(numbers.size(120, 40)) }
        })
        .collect();
    edges.push(Edge { from: n_states, to: numbers.below(n_states), label: None });
    Graph { nodes, edges, start: n_states }
}

fn random_node(numbers: &mut Numbers) -> Node {
    let mut size = numbers.size(200, 60);
    size.width += 80.0;
    // Some are much taller than their neighbours, which lines have to get past.
    size.height += [30.0, 30.0, 300.0][numbers.below(3)];
    match numbers.below(3) {
        0 => Node { size, foot: 0.0, side: size.height, lean: 0.0 },
        1 => Node { size, foot: 14.0, side: size.height, lean: 14.0 },
        _ => Node { size, foot: 12.0, side: size.height - 8.0, lean: 0.0 },
    }
}

#[derive(Clone, Copy, Debug)]
struct Area {
    centre: Point,
    size: Size,
}

impl Area {
    fn touches(self, other: Self) -> bool {
        (self.centre.x - other.centre.x).abs() * 2.0 < self.size.width + other.size.width
            && (self.centre.y - other.centre.y).abs() * 2.0 < self.size.height + other.size.height
    }

    fn holds(self, point: Point) -> bool {
        let (x, y) = ((point.x - self.centre.x).abs(), (point.y - self.centre.y).abs());
        x * 2.0 < self.size.width - 0.01 && y * 2.0 < self.size.height - 0.01
    }
}

fn nodes(graph: &Graph, layout: &Layout) -> Vec<Area> {
    layout.centres.iter().zip(&graph.nodes).map(|(centre, node)| Area { centre: *centre, size: node.size }).collect()
}

fn labels(graph: &Graph, layout: &Layout) -> Vec<Area> {
    let both = layout.routes.iter().zip(&graph.edges);
    both.filter_map(|(route, edge)| Some(Area { centre: route.label?, size: edge.label? })).collect()
}

/// Points along a line, close to each other.
fn points(route: &Route) -> Vec<Point> {
    let mut points = vec![route.start];
    let mut from = route.start;
    for leg in &route.legs {
        let (one, other, end) = match *leg {
            Leg::Line(end) => (from, end, end),
            Leg::Curve(one, other, end) => (one, other, end),
        };
        for step in 1..=32 {
            let (t, s) = (f64::from(step) / 32.0, 1.0 - f64::from(step) / 32.0);
            let at = |a: f64, b: f64, c: f64, d: f64| {
                s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
            };
            points.push(Point::new(at(from.x, one.x, other.x, end.x), at(from.y, one.y, other.y, end.y)));
        }
        from = end;
    }
    points.push(route.tip);
    points
}

fn check(seed: u64, graph: &Graph) {
    let layout = lay_out(graph);
    let (nodes, labels) = (nodes(graph, &layout), labels(graph, &layout));
    assert_eq!(layout.routes.len(), graph.edges.len(), "seed {seed}");
    let things: Vec<Area> = nodes.iter().chain(&labels).copied().collect();
    for (at, thing) in things.iter().enumerate() {
        for other in &things[..at] {
            assert!(!thing.touches(*other), "seed {seed}: {thing:?} and {other:?} overlap");
        }
        let (left, top) = (thing.centre.x - thing.size.width / 2.0, thing.centre.y - thing.size.height / 2.0);
        let (right, bottom) = (left + thing.size.width, top + thing.size.height);
        let is_inside = left >= 0.0 && top >= 0.0 && right <= layout.size.width && bottom <= layout.size.height;
        assert!(is_inside, "seed {seed}: {thing:?} is not within {:?}", layout.size);
    }
    for (edge, route) in graph.edges.iter().zip(&layout.routes) {
        check_route(seed, graph, &layout, edge, route);
        let own_label = route.label;
        for point in points(route) {
            let is_inside =
                point.x >= 0.0 && point.x <= layout.size.width && point.y >= 0.0 && point.y <= layout.size.height;
            assert!(is_inside, "seed {seed}: {edge:?} leaves the picture at {point:?}");
            for thing in things.iter().filter(|thing| Some(thing.centre) != own_label) {
                // At a leaning side, a loop is within the box of its own state, outside of its shape.
                let is_own_loop = edge.from == edge.to && thing.centre == layout.centres[edge.from];
                assert!(
                    is_own_loop || !thing.holds(point),
                    "seed {seed}: {edge:?} runs through {thing:?} at {point:?}"
                );
            }
        }
    }
}

/// Checks that a line starts and ends at the border of its nodes, and arrives at the arrowhead.
fn check_route(seed: u64, graph: &Graph, layout: &Layout, edge: &Edge, route: &Route) {
    let at_border = |node: usize, point: Point| {
        let (shape, centre) = (&graph.nodes[node], layout.centres[node]);
        let (x, y) = ((point.x - centre.x).abs(), point.y - centre.y);
        let (half_width, half_height) = (shape.size.width / 2.0, shape.size.height / 2.0);
        let is_above = y == -half_height && x <= half_width;
        let is_below = y == half_height && x <= half_width - shape.foot;
        let depth = (y + half_height) / shape.side;
        let side = half_width - shape.lean * depth;
        is_above || is_below || ((0.0..=1.0).contains(&depth) && (x - side).abs() < 0.01)
    };
    assert!(at_border(edge.from, route.start), "seed {seed}: {edge:?} starts at {:?}", route.start);
    assert!(at_border(edge.to, route.tip), "seed {seed}: {edge:?} ends at {:?}", route.tip);
    let end = match route.legs.last() {
        Some(Leg::Line(end) | Leg::Curve(_, _, end)) => *end,
        None => panic!("seed {seed}: {edge:?} has no line"),
    };
    let base = match route.heading {
        Heading::Down => Point::new(route.tip.x, route.tip.y - TIP),
        Heading::Up => Point::new(route.tip.x, route.tip.y + TIP),
        Heading::Left => Point::new(route.tip.x + TIP, route.tip.y),
    };
    assert_eq!(end, base, "seed {seed}: {edge:?} does not arrive at its arrowhead");
}

#[test]
fn nothing_overlaps_and_lines_join_what_they_should() {
    for seed in 0..400 {
        check(seed, &random_graph(seed));
    }
}

#[test]
fn lines_that_are_cut_are_drawn_as_well() {
    let mut n_cut = 0;
    for seed in 0..100 {
        let graph = random_graph(seed);
        let cut = cut::cut(&graph, 30);
        n_cut += cut.nodes.len() - graph.nodes.len();
        check(seed, &cut);
    }
    assert!(n_cut > 100, "{n_cut}");
}

#[test]
fn what_is_too_large_is_cut_to_size() {
    // Every state leads back to the first one.
    let node = Node { size: Size { width: 80.0, height: 40.0 }, foot: 0.0, side: 40.0, lean: 0.0 };
    let label = Some(Size { width: 40.0, height: 16.0 });
    let ways = (1..1_000).flat_map(|to| [Edge { from: to - 1, to, label }, Edge { from: to, to: 0, label }]);
    let graph = Graph {
        nodes: vec![node; 1_001],
        edges: ways.chain([Edge { from: 1_000, to: 0, label: None }]).collect(),
        start: 1_000,
    };
    let cut = cut::cut(&graph, MAX_ROWS);
    let arcs = cycles::break_cycles(&cut);
    let ranks = rank::rank(&cut, &arcs);
    let n_rows: usize = arcs.iter().map(|arc| ranks[arc.lower] - ranks[arc.upper]).sum();
    assert!((MAX_ROWS / 2..=MAX_ROWS).contains(&n_rows), "{n_rows}");
}

#[test]
fn the_same_graph_always_comes_out_the_same() {
    for seed in 0..50 {
        assert_eq!(lay_out(&random_graph(seed)), lay_out(&random_graph(seed)), "seed {seed}");
    }
}

#[test]
fn without_cycles_every_line_leads_down() {
    for seed in 0..100 {
        let mut graph = random_graph(seed);
        graph.edges.retain(|edge| edge.from < edge.to || edge.from == graph.start);
        let layout = lay_out(&graph);
        assert!(layout.routes.iter().all(|route| route.heading == Heading::Down), "seed {seed}");
    }
}

#[test]
fn a_tree_has_no_crossings() {
    let mut numbers = Numbers(7);
    let mut nodes: Vec<Node> = (0..40).map(|_| random_node(&mut numbers)).collect();
    nodes.push(Node { size: Size { width: 12.0, height: 12.0 }, foot: 0.0, side: 12.0, lean: 0.0 });
    let mut edges: Vec<Edge> =
        (1..40).map(|to| Edge { from: numbers.below(to), to, label: Some(numbers.size(80, 20)) }).collect();
    edges.push(Edge { from: 40, to: 0, label: None });
    let graph = Graph { nodes, edges, start: 40 };
    let arcs = cycles::break_cycles(&graph);
    let mut cells = cells::split(&graph, &arcs, &rank::rank(&graph, &arcs));
    order::reduce_crossings(&mut cells, graph.start);
    assert_eq!(crossings::count(&cells, &cells.places()), 0);
}

#[test]
fn crossings_are_counted_as_one_would() {
    for seed in 0..50 {
        let graph = random_graph(seed);
        let arcs = cycles::break_cycles(&graph);
        let cells = cells::split(&graph, &arcs, &rank::rank(&graph, &arcs));
        let places = cells.places();
        let links: Vec<(usize, usize)> =
            cells.chains.iter().flat_map(|chain| chain.windows(2)).map(|link| (link[0], link[1])).collect();
        let mut n_crossings = 0;
        for (at, one) in links.iter().enumerate() {
            for other in links[..at].iter().filter(|other| cells.cells[other.0].row == cells.cells[one.0].row) {
                let (above, below) = (places[one.0].cmp(&places[other.0]), places[one.1].cmp(&places[other.1]));
                n_crossings += usize::from(above.is_ne() && above == below.reverse());
            }
        }
        assert_eq!(crossings::count(&cells, &places), n_crossings, "seed {seed}");
    }
}

#[test]
fn large_machines_are_drawn_too() {
    let mut numbers = Numbers(11);
    let mut nodes: Vec<Node> = (0..1_000).map(|_| random_node(&mut numbers)).collect();
    nodes.push(Node { size: Size { width: 12.0, height: 12.0 }, foot: 0.0, side: 12.0, lean: 0.0 });
    let way = |(from, to), numbers: &mut Numbers| Edge { from, to, label: Some(numbers.size(80, 20)) };
    let mut edges: Vec<Edge> =
        (1..1_000).map(|to| way((to - 1 - numbers.below(to.min(4)), to), &mut numbers)).collect();
    for _ in 0..500 {
        let pair = (numbers.below(1_000), numbers.below(1_000));
        edges.push(way(pair, &mut numbers));
    }
    edges.push(Edge { from: 1_000, to: 0, label: None });
    let graph = Graph { nodes, edges, start: 1_000 };
    let layout = lay_out(&graph);
    assert_eq!((layout.centres.len(), layout.routes.len()), (1_001, 1_500));
}
