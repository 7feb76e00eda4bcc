// The kernels, one workgroup of 256 invocations for each tile of 64 x 64 pixels. Whole numbers only.
//
// A frame is rows of pixels, a word each: B, G, R and a byte that is never looked at, lowest first. Rows are as wide as
// the tiles of a row together, and there are rows for whole tiles; beyond the frame's edges all is zero. An invocation
// takes four times four neighbouring pixels (a quad): those of column `id % 16`, in rows `id / 16`, 16 further down, ...

struct Job {
    // Tiles of a row of the grid.
    columns: u32,
    // Pixels differ whose squared distance of colours is above it.
    threshold: u32,
    // Whether `marks` are wanted.
    marked: u32,
    unused: u32,
}

@group(0) @binding(0) var<uniform> job: Job;
// Which tiles to work on: the numbers of their cells. Answers lie in the same order.
@group(0) @binding(1) var<storage, read> cells: array<u32>;
@group(0) @binding(2) var<storage, read> before: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> after: array<vec4<u32>>;
// Of each tile: how many pixels differ, then x0, y0, x1, y1 in pixels of the tile, the last two exclusive.
@group(0) @binding(4) var<storage, read_write> found: array<u32>;
// Of each tile: 64 rows of 64 bytes, 1 where a pixel differs.
@group(0) @binding(5) var<storage, read_write> marks: array<u32>;
// Of each tile: six sums, then 64 bins of a byte each.
@group(0) @binding(6) var<storage, read_write> described: array<u32>;

const QUADS = 16u;
const STEPS = 4u;
const FOUND = 5u;
const MARKS = 1024u;
const DESCRIBED = 22u;
const SUMS = 6u;

// The place of the first quad of this invocation's, and from there to the next.
fn first_quad(cell: u32, id: u32) -> vec2<u32> {
    let pitch = job.columns * QUADS;
    let row = (cell / job.columns) * 64u + id / QUADS;
    return vec2<u32>(row * pitch + (cell % job.columns) * QUADS + id % QUADS, pitch * 16u);
}

fn channel(quad: vec4<u32>, number: u32) -> vec4<u32> {
    return (quad >> vec4<u32>(8u * number)) & vec4<u32>(255u);
}

// What two quads are apart in one channel, squared.
fn apart(a: vec4<u32>, b: vec4<u32>, number: u32) -> vec4<u32> {
    let first = channel(a, number);
    let second = channel(b, number);
    let far = max(first, second) - min(first, second);
    return far * far;
}

// Of each invocation: how many of its pixels differ; columns of its quads as bits 0 to 3, and its rows as bits 4 to 7.
var<workgroup> counts: array<u32, 256>;
var<workgroup> places: array<u32, 256>;
var<workgroup> counts_of_sixteen: array<u32, 16>;
var<workgroup> columns_of_sixteen: array<u32, 16>;
var<workgroup> rows_of_sixteen: array<vec2<u32>, 16>;

@compute @workgroup_size(256)
fn difference(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) id: u32) {
    let place = first_quad(cells[group.x], id);
    var count = 0u;
    var bits = 0u;
    for (var step = 0u; step < STEPS; step++) {
        let at = place.x + step * place.y;
        let a = before[at];
        let b = after[at];
        let distance = apart(a, b, 0u) + apart(a, b, 1u) + apart(a, b, 2u);
        let differs = select(vec4<u32>(0u), vec4<u32>(1u), distance > vec4<u32>(job.threshold));
        let columns = dot(differs, vec4<u32>(1u, 2u, 4u, 8u));
        count += dot(differs, vec4<u32>(1u));
        bits |= columns | select(0u, 16u << step, columns != 0u);
        if job.marked != 0u {
            marks[group.x * MARKS + id + step * 256u] = dot(differs, vec4<u32>(1u, 0x100u, 0x10000u, 0x1000000u));
        }
    }
    counts[id] = count;
    places[id] = bits;
    workgroupBarrier();
    if id < 16u {
        // All that share a column of quads: one for each of 16 rows, and 4 steps of 16 rows.
        var of_column = 0u;
        var columns = 0u;
        var rows = vec2<u32>(0u);
        for (var row = 0u; row < 16u; row++) {
            let other = row * QUADS + id;
            let seen = places[other];
            of_column += counts[other];
            columns |= seen & 15u;
            rows.x |= (extractBits(seen, 4u, 1u) | extractBits(seen, 5u, 1u) << 16u) << row;
            rows.y |= (extractBits(seen, 6u, 1u) | extractBits(seen, 7u, 1u) << 16u) << row;
        }
        counts_of_sixteen[id] = of_column;
        columns_of_sixteen[id] = columns;
        rows_of_sixteen[id] = rows;
    }
    workgroupBarrier();
    if id == 0u {
        var total = 0u;
        var columns = vec2<u32>(0u);
        var rows = vec2<u32>(0u);
        for (var quad = 0u; quad < 8u; quad++) {
            total += counts_of_sixteen[quad] + counts_of_sixteen[quad + 8u];
            columns |= vec2<u32>(columns_of_sixteen[quad], columns_of_sixteen[quad + 8u]) << vec2<u32>(4u * quad);
            rows |= rows_of_sixteen[quad] | rows_of_sixteen[quad + 8u];
        }
        let at = group.x * FOUND;
        found[at] = total;
        found[at + 1u] = lowest(columns);
        found[at + 2u] = lowest(rows);
        found[at + 3u] = beyond(columns);
        found[at + 4u] = beyond(rows);
    }
}

// The lowest of 64 bits that is set; 0 where none is.
fn lowest(bits: vec2<u32>) -> u32 {
    let high = select(0u, 32u + firstTrailingBit(bits.y), bits.y != 0u);
    return select(high, firstTrailingBit(bits.x), bits.x != 0u);
}

// One more than the highest of 64 bits that is set; 0 where none is.
fn beyond(bits: vec2<u32>) -> u32 {
    let low = select(0u, 1u + firstLeadingBit(bits.x), bits.x != 0u);
    return select(low, 33u + firstLeadingBit(bits.y), bits.y != 0u);
}

// Four shades a word, in the order of the tile's quads; what each invocation has summed; sums of blocks of 8 x 8 pixels.
var<workgroup> shades: array<u32, 1024>;
var<workgroup> sums: array<array<u32, 256>, 6>;
var<workgroup> parts: array<array<u32, 16>, 6>;
var<workgroup> bins: array<atomic<u32>, 64>;

fn each(word: u32) -> vec4<u32> {
    return (vec4<u32>(word) >> vec4<u32>(0u, 8u, 16u, 24u)) & vec4<u32>(255u);
}

fn between(a: vec4<u32>, b: vec4<u32>) -> u32 {
    return dot(max(a, b) - min(a, b), vec4<u32>(1u));
}

@compute @workgroup_size(256)
fn describe(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) id: u32) {
    let place = first_quad(cells[group.x], id);
    let ones = vec4<u32>(1u);
    var sum = array<u32, 6>(0u, 0u, 0u, 0u, 0u, 0u);
    for (var step = 0u; step < STEPS; step++) {
        let quad = after[place.x + step * place.y];
        let blue = channel(quad, 0u);
        let green = channel(quad, 1u);
        let red = channel(quad, 2u);
        let luma = (29u * blue + 150u * green + 77u * red) >> vec4<u32>(8u);
        sum[0] += dot(blue, ones);
        sum[1] += dot(green, ones);
        sum[2] += dot(red, ones);
        sum[3] += dot(luma, ones);
        sum[4] += dot(luma, luma);
        shades[id + step * 256u] = dot(luma, vec4<u32>(1u, 0x100u, 0x10000u, 0x1000000u));
    }
    if id < 64u {
        atomicStore(&bins[id], 0u);
    }
    workgroupBarrier();
    for (var step = 0u; step < STEPS; step++) {
        let at = id + step * 256u;
        let here = each(shades[at]);
        // The neighbours to the right: the next quad's first, or at the tile's edge the last one again.
        let last = id % QUADS == QUADS - 1u;
        let next = select(shades[min(at + 1u, 1023u)] & 255u, here.w, last);
        sum[5] += between(here, vec4<u32>(here.yzw, next));
        sum[5] += between(here, each(shades[select(at + QUADS, at, at >= 1024u - QUADS)]));
    }
    for (var number = 0u; number < SUMS; number++) {
        sums[number][id] = sum[number];
    }
    if id < 64u {
        // A block is two quads wide and eight rows high.
        let corner = (id / 8u) * 8u * QUADS + (id % 8u) * 2u;
        var total = vec4<u32>(0u);
        for (var row = 0u; row < 8u; row++) {
            let at = corner + row * QUADS;
            total += each(shades[at]) + each(shades[at + 1u]);
        }
        atomicAdd(&bins[dot(total, ones) >> 8u], 1u);
    }
    workgroupBarrier();
    if id < 16u * SUMS {
        var total = 0u;
        for (var part = 0u; part < 16u; part++) {
            total += sums[id / 16u][(id % 16u) * 16u + part];
        }
        parts[id / 16u][id % 16u] = total;
    }
    workgroupBarrier();
    let at = group.x * DESCRIBED;
    if id < SUMS {
        var total = 0u;
        for (var part = 0u; part < 16u; part++) {
            total += parts[id][part];
        }
        described[at + id] = total;
    } else if id < DESCRIBED {
        let bin = (id - SUMS) * 4u;
        var word = 0u;
        for (var number = 0u; number < 4u; number++) {
            word |= atomicLoad(&bins[bin + number]) << (8u * number);
        }
        described[at + id] = word;
    }
}
