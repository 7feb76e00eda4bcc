// language: metal2.4
#include <metal_stdlib>
#include <simd/simd.h>

using metal::uint;

struct _mslBufferSizes {
    uint size1;
    uint size2;
    uint size3;
    uint size4;
    uint size5;
    uint size6;
};

struct Job {
    uint columns;
    uint threshold;
    uint marked;
    uint unused;
};
typedef uint type_1[1];
typedef metal::uint4 type_3[1];
struct type_5 {
    uint inner[256];
};
struct type_6 {
    uint inner[16];
};
struct type_7 {
    metal::uint2 inner[16];
};
struct type_9 {
    uint inner[1024];
};
struct type_10 {
    type_5 inner[6];
};
struct type_11 {
    type_6 inner[6];
};
struct type_13 {
    metal::atomic_uint inner[64];
};
struct type_14 {
    uint inner[6];
};
constant uint QUADS = 16u;
constant uint STEPS = 4u;
constant uint FOUND = 5u;
constant uint MARKS = 1024u;
constant uint DESCRIBED = 22u;
constant uint SUMS = 6u;

uint naga_div(uint lhs, uint rhs) {
    return lhs / metal::select(rhs, 1u, rhs == 0u);
}

uint naga_mod(uint lhs, uint rhs) {
    return lhs % metal::select(rhs, 1u, rhs == 0u);
}

metal::uint2 first_quad(
    uint cell,
    uint id_2,
    constant Job& job
) {
    uint _e4 = job.columns;
    uint pitch = _e4 * QUADS;
    uint _e9 = job.columns;
    uint row_2 = (naga_div(cell, _e9) * 64u) + naga_div(id_2, QUADS);
    uint _e19 = job.columns;
    return metal::uint2(((row_2 * pitch) + (naga_mod(cell, _e19) * QUADS)) + naga_mod(id_2, QUADS), pitch * 16u);
}

metal::uint4 channel(
    metal::uint4 quad_1,
    uint number_2
) {
    return (quad_1 >> metal::uint4(8u * number_2)) & metal::uint4(255u);
}

metal::uint4 apart(
    metal::uint4 a,
    metal::uint4 b,
    uint number_3
) {
    metal::uint4 _e3 = channel(a, number_3);
    metal::uint4 _e4 = channel(b, number_3);
    metal::uint4 far = metal::max(_e3, _e4) - metal::min(_e3, _e4);
    return far * far;
}

uint lowest(
    metal::uint2 bits_1
) {
    uint high = (bits_1.y != 0u) ? (32u + (((metal::ctz(bits_1.y) + 1) % 33) - 1)) : 0u;
    return (bits_1.x != 0u) ? (((metal::ctz(bits_1.x) + 1) % 33) - 1) : high;
}

uint beyond(
    metal::uint2 bits_2
) {
    uint _e3 = bits_2.x;
    uint low = (bits_2.x != 0u) ? (1u + metal::select(31 - metal::clz(_e3), uint(-1), _e3 == 0)) : 0u;
    uint _e11 = bits_2.y;
    return (bits_2.y != 0u) ? (33u + metal::select(31 - metal::clz(_e11), uint(-1), _e11 == 0)) : low;
}

metal::uint4 each(
    uint word_1
) {
    return (metal::uint4(word_1) >> metal::uint4(0u, 8u, 16u, 24u)) & metal::uint4(255u);
}

uint naga_dot_uint4(metal::uint4 a, metal::uint4 b) {
    return ( + a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w);
}

uint between(
    metal::uint4 a_1,
    metal::uint4 b_1
) {
    return naga_dot_uint4(metal::max(a_1, b_1) - metal::min(a_1, b_1), metal::uint4(1u));
}

struct differenceInput {
};
[[max_total_threads_per_threadgroup(256)]] kernel void difference(
  metal::uint3 group [[threadgroup_position_in_grid]]
, uint id [[thread_index_in_threadgroup]]
, constant Job& job [[user(fake0)]]
, device type_1 const& cells [[user(fake0)]]
, device type_3 const& before [[user(fake0)]]
, device type_3 const& after [[user(fake0)]]
, device type_1& found [[user(fake0)]]
, device type_1& marks [[user(fake0)]]
, threadgroup type_5& counts
, threadgroup type_5& places
, threadgroup type_6& counts_of_sixteen
, threadgroup type_6& columns_of_sixteen
, threadgroup type_7& rows_of_sixteen
, constant _mslBufferSizes& _buffer_sizes [[user(fake0)]]
) {
    uint count = 0u;
    uint bits = 0u;
    uint step = 0u;
    uint of_column = 0u;
    uint columns = 0u;
    metal::uint2 rows = metal::uint2(0u);
    uint row = 0u;
    uint total = 0u;
    metal::uint2 columns_1 = metal::uint2(0u);
    metal::uint2 rows_1 = metal::uint2(0u);
    uint quad_ = 0u;
    uint _e5 = cells[group.x];
    metal::uint2 _e6 = first_quad(_e5, id, job);
    uint2 loop_bound = uint2(4294967295u);
    bool loop_init = true;
    while(true) {
        if (metal::all(loop_bound == uint2(0u))) { break; }
        loop_bound -= uint2(loop_bound.y == 0u, 1u);
        if (!loop_init) {
            uint _e88 = step;
            step = _e88 + 1u;
        }
        loop_init = false;
        uint _e13 = step;
        if (_e13 < STEPS) {
        } else {
            break;
        }
        {
            uint _e17 = step;
            uint at = _e6.x + (_e17 * _e6.y);
            metal::uint4 a_2 = before[at];
            metal::uint4 b_2 = after[at];
            metal::uint4 _e28 = apart(a_2, b_2, 0u);
            metal::uint4 _e30 = apart(a_2, b_2, 1u);
            metal::uint4 _e33 = apart(a_2, b_2, 2u);
            metal::uint4 distance = (_e28 + _e30) + _e33;
            uint _e41 = job.threshold;
            metal::uint4 differs = metal::select(metal::uint4(0u), metal::uint4(1u), distance > metal::uint4(_e41));
            uint columns_2 = naga_dot_uint4(differs, metal::uint4(1u, 2u, 4u, 8u));
            uint _e51 = count;
            count = _e51 + naga_dot_uint4(differs, metal::uint4(1u));
            uint _e56 = bits;
            uint _e59 = step;
            bits = _e56 | (columns_2 | ((columns_2 != 0u) ? (16u << _e59) : 0u));
            uint _e68 = job.marked;
            if (_e68 != 0u) {
                uint _e76 = step;
                marks[((group.x * MARKS) + id) + (_e76 * 256u)] = naga_dot_uint4(differs, metal::uint4(1u, 256u, 65536u, 16777216u));
            }
        }
    }
    uint _e92 = count;
    counts.inner[id] = _e92;
    uint _e95 = bits;
    places.inner[id] = _e95;
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (id < 16u) {
        uint2 loop_bound_1 = uint2(4294967295u);
        bool loop_init_1 = true;
        while(true) {
            if (metal::all(loop_bound_1 == uint2(0u))) { break; }
            loop_bound_1 -= uint2(loop_bound_1.y == 0u, 1u);
            if (!loop_init_1) {
                uint _e155 = row;
                row = _e155 + 1u;
            }
            loop_init_1 = false;
            uint _e107 = row;
            if (_e107 < 16u) {
            } else {
                break;
            }
            {
                uint _e110 = row;
                uint other = (_e110 * QUADS) + id;
                uint seen = places.inner[other];
                uint _e117 = of_column;
                uint _e120 = counts.inner[other];
                of_column = _e117 + _e120;
                uint _e122 = columns;
                columns = _e122 | (seen & 15u);
                uint _e127 = rows.x;
                uint _e137 = row;
                rows.x = _e127 | ((metal::extract_bits(seen, metal::min(4u, 32u), metal::min(1u, 32u - metal::min(4u, 32u))) | (metal::extract_bits(seen, metal::min(5u, 32u), metal::min(1u, 32u - metal::min(5u, 32u))) << 16u)) << _e137);
                uint _e141 = rows.y;
                uint _e151 = row;
                rows.y = _e141 | ((metal::extract_bits(seen, metal::min(6u, 32u), metal::min(1u, 32u - metal::min(6u, 32u))) | (metal::extract_bits(seen, metal::min(7u, 32u), metal::min(1u, 32u - metal::min(7u, 32u))) << 16u)) << _e151);
            }
        }
        uint _e159 = of_column;
        counts_of_sixteen.inner[id] = _e159;
        uint _e162 = columns;
        columns_of_sixteen.inner[id] = _e162;
        metal::uint2 _e165 = rows;
        rows_of_sixteen.inner[id] = _e165;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (id == 0u) {
        uint2 loop_bound_2 = uint2(4294967295u);
        bool loop_init_2 = true;
        while(true) {
            if (metal::all(loop_bound_2 == uint2(0u))) { break; }
            loop_bound_2 -= uint2(loop_bound_2.y == 0u, 1u);
            if (!loop_init_2) {
                uint _e226 = quad_;
                quad_ = _e226 + 1u;
            }
            loop_init_2 = false;
            uint _e178 = quad_;
            if (_e178 < 8u) {
            } else {
                break;
            }
            {
                uint _e181 = total;
                uint _e183 = quad_;
                uint _e185 = counts_of_sixteen.inner[_e183];
                uint _e187 = quad_;
                uint _e191 = counts_of_sixteen.inner[_e187 + 8u];
                total = _e181 + (_e185 + _e191);
                metal::uint2 _e194 = columns_1;
                uint _e196 = quad_;
                uint _e198 = columns_of_sixteen.inner[_e196];
                uint _e200 = quad_;
                uint _e204 = columns_of_sixteen.inner[_e200 + 8u];
                uint _e207 = quad_;
                columns_1 = _e194 | (metal::uint2(_e198, _e204) << metal::uint2(4u * _e207));
                metal::uint2 _e212 = rows_1;
                uint _e214 = quad_;
                metal::uint2 _e216 = rows_of_sixteen.inner[_e214];
                uint _e218 = quad_;
                metal::uint2 _e222 = rows_of_sixteen.inner[_e218 + 8u];
                rows_1 = _e212 | (_e216 | _e222);
            }
        }
        uint at_1 = group.x * FOUND;
        uint _e233 = total;
        found[at_1] = _e233;
        metal::uint2 _e238 = columns_1;
        uint _e239 = lowest(_e238);
        found[at_1 + 1u] = _e239;
        metal::uint2 _e244 = rows_1;
        uint _e245 = lowest(_e244);
        found[at_1 + 2u] = _e245;
        metal::uint2 _e250 = columns_1;
        uint _e251 = beyond(_e250);
        found[at_1 + 3u] = _e251;
        metal::uint2 _e256 = rows_1;
        uint _e257 = beyond(_e256);
        found[at_1 + 4u] = _e257;
        return;
    } else {
        return;
    }
}


struct describeInput {
};
[[max_total_threads_per_threadgroup(256)]] kernel void describe(
  metal::uint3 group_1 [[threadgroup_position_in_grid]]
, uint id_1 [[thread_index_in_threadgroup]]
, constant Job& job [[user(fake0)]]
, device type_1 const& cells [[user(fake0)]]
, device type_3 const& after [[user(fake0)]]
, device type_1& described [[user(fake0)]]
, threadgroup type_9& shades
, threadgroup type_10& sums
, threadgroup type_11& parts
, threadgroup type_13& bins
, constant _mslBufferSizes& _buffer_sizes [[user(fake0)]]
) {
    type_14 sum = type_14 {{0u, 0u, 0u, 0u, 0u, 0u}};
    uint step_1 = 0u;
    uint step_2 = 0u;
    uint number = 0u;
    metal::uint4 total_1 = metal::uint4(0u);
    uint row_1 = 0u;
    uint total_2 = 0u;
    uint part = 0u;
    uint total_3 = 0u;
    uint part_1 = 0u;
    uint word = 0u;
    uint number_1 = 0u;
    uint _e5 = cells[group_1.x];
    metal::uint2 _e6 = first_quad(_e5, id_1, job);
    metal::uint4 ones = metal::uint4(1u);
    uint2 loop_bound_3 = uint2(4294967295u);
    bool loop_init_3 = true;
    while(true) {
        if (metal::all(loop_bound_3 == uint2(0u))) { break; }
        loop_bound_3 -= uint2(loop_bound_3.y == 0u, 1u);
        if (!loop_init_3) {
            uint _e80 = step_1;
            step_1 = _e80 + 1u;
        }
        loop_init_3 = false;
        uint _e19 = step_1;
        if (_e19 < STEPS) {
        } else {
            break;
        }
        {
            uint _e24 = step_1;
            metal::uint4 quad_2 = after[_e6.x + (_e24 * _e6.y)];
            metal::uint4 _e31 = channel(quad_2, 0u);
            metal::uint4 _e33 = channel(quad_2, 1u);
            metal::uint4 _e35 = channel(quad_2, 2u);
            metal::uint4 luma = (((29u * _e31) + (150u * _e33)) + (77u * _e35)) >> metal::uint4(8u);
            uint _e48 = sum.inner[0];
            sum.inner[0] = _e48 + naga_dot_uint4(_e31, ones);
            uint _e52 = sum.inner[1];
            sum.inner[1] = _e52 + naga_dot_uint4(_e33, ones);
            uint _e56 = sum.inner[2];
            sum.inner[2] = _e56 + naga_dot_uint4(_e35, ones);
            uint _e60 = sum.inner[3];
            sum.inner[3] = _e60 + naga_dot_uint4(luma, ones);
            uint _e64 = sum.inner[4];
            sum.inner[4] = _e64 + naga_dot_uint4(luma, luma);
            uint _e68 = step_1;
            shades.inner[id_1 + (_e68 * 256u)] = naga_dot_uint4(luma, metal::uint4(1u, 256u, 65536u, 16777216u));
        }
    }
    if (id_1 < 64u) {
        metal::atomic_store_explicit(&bins.inner[id_1], 0u, metal::memory_order_relaxed);
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint2 loop_bound_4 = uint2(4294967295u);
    bool loop_init_4 = true;
    while(true) {
        if (metal::all(loop_bound_4 == uint2(0u))) { break; }
        loop_bound_4 -= uint2(loop_bound_4.y == 0u, 1u);
        if (!loop_init_4) {
            uint _e135 = step_2;
            step_2 = _e135 + 1u;
        }
        loop_init_4 = false;
        uint _e89 = step_2;
        if (_e89 < STEPS) {
        } else {
            break;
        }
        {
            uint _e92 = step_2;
            uint at_2 = id_1 + (_e92 * 256u);
            uint _e98 = shades.inner[at_2];
            metal::uint4 _e99 = each(_e98);
            bool last = naga_mod(id_1, QUADS) == 15u;
            uint _e110 = shades.inner[metal::min(at_2 + 1u, 1023u)];
            uint next = last ? _e99.w : (_e110 & 255u);
            uint _e116 = sum.inner[5];
            uint _e119 = between(_e99, metal::uint4(_e99.yzw, next));
            sum.inner[5] = _e116 + _e119;
            uint _e122 = sum.inner[5];
            uint _e130 = shades.inner[(at_2 >= 1008u) ? at_2 : (at_2 + QUADS)];
            metal::uint4 _e131 = each(_e130);
            uint _e132 = between(_e99, _e131);
            sum.inner[5] = _e122 + _e132;
        }
    }
    uint2 loop_bound_5 = uint2(4294967295u);
    bool loop_init_5 = true;
    while(true) {
        if (metal::all(loop_bound_5 == uint2(0u))) { break; }
        loop_bound_5 -= uint2(loop_bound_5.y == 0u, 1u);
        if (!loop_init_5) {
            uint _e150 = number;
            number = _e150 + 1u;
        }
        loop_init_5 = false;
        uint _e139 = number;
        if (_e139 < SUMS) {
        } else {
            break;
        }
        {
            uint _e143 = number;
            uint _e146 = number;
            uint _e148 = sum.inner[_e146];
            sums.inner[_e143].inner[id_1] = _e148;
        }
    }
    if (id_1 < 64u) {
        uint corner = ((naga_div(id_1, 8u) * 8u) * QUADS) + (naga_mod(id_1, 8u) * 2u);
        uint2 loop_bound_6 = uint2(4294967295u);
        bool loop_init_6 = true;
        while(true) {
            if (metal::all(loop_bound_6 == uint2(0u))) { break; }
            loop_bound_6 -= uint2(loop_bound_6.y == 0u, 1u);
            if (!loop_init_6) {
                uint _e191 = row_1;
                row_1 = _e191 + 1u;
            }
            loop_init_6 = false;
            uint _e170 = row_1;
            if (_e170 < 8u) {
            } else {
                break;
            }
            {
                uint _e173 = row_1;
                uint at_3 = corner + (_e173 * QUADS);
                metal::uint4 _e177 = total_1;
                uint _e180 = shades.inner[at_3];
                metal::uint4 _e181 = each(_e180);
                uint _e186 = shades.inner[at_3 + 1u];
                metal::uint4 _e187 = each(_e186);
                total_1 = _e177 + (_e181 + _e187);
            }
        }
        metal::uint4 _e194 = total_1;
        uint _e200 = metal::atomic_fetch_add_explicit(&bins.inner[naga_dot_uint4(_e194, ones) >> 8u], 1u, metal::memory_order_relaxed);
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    if (id_1 < 96u) {
        uint2 loop_bound_7 = uint2(4294967295u);
        bool loop_init_7 = true;
        while(true) {
            if (metal::all(loop_bound_7 == uint2(0u))) { break; }
            loop_bound_7 -= uint2(loop_bound_7.y == 0u, 1u);
            if (!loop_init_7) {
                uint _e225 = part;
                part = _e225 + 1u;
            }
            loop_init_7 = false;
            uint _e207 = part;
            if (_e207 < 16u) {
            } else {
                break;
            }
            {
                uint _e210 = total_2;
                uint _e219 = part;
                uint _e222 = sums.inner[naga_div(id_1, 16u)].inner[(naga_mod(id_1, 16u) * 16u) + _e219];
                total_2 = _e210 + _e222;
            }
        }
        uint _e234 = total_2;
        parts.inner[naga_div(id_1, 16u)].inner[naga_mod(id_1, 16u)] = _e234;
    }
    metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
    uint at_4 = group_1.x * DESCRIBED;
    if (id_1 < SUMS) {
        uint2 loop_bound_8 = uint2(4294967295u);
        bool loop_init_8 = true;
        while(true) {
            if (metal::all(loop_bound_8 == uint2(0u))) { break; }
            loop_bound_8 -= uint2(loop_bound_8.y == 0u, 1u);
            if (!loop_init_8) {
                uint _e255 = part_1;
                part_1 = _e255 + 1u;
            }
            loop_init_8 = false;
            uint _e244 = part_1;
            if (_e244 < 16u) {
            } else {
                break;
            }
            {
                uint _e247 = total_3;
                uint _e250 = part_1;
                uint _e252 = parts.inner[id_1].inner[_e250];
                total_3 = _e247 + _e252;
            }
        }
        uint _e260 = total_3;
        described[at_4 + id_1] = _e260;
        return;
    } else {
        if (id_1 < DESCRIBED) {
            uint bin = (id_1 - SUMS) * 4u;
            uint2 loop_bound_9 = uint2(4294967295u);
            bool loop_init_9 = true;
            while(true) {
                if (metal::all(loop_bound_9 == uint2(0u))) { break; }
                loop_bound_9 -= uint2(loop_bound_9.y == 0u, 1u);
                if (!loop_init_9) {
                    uint _e286 = number_1;
                    number_1 = _e286 + 1u;
                }
                loop_init_9 = false;
                uint _e271 = number_1;
                if (_e271 < 4u) {
                } else {
                    break;
                }
                {
                    uint _e274 = word;
                    uint _e276 = number_1;
                    uint _e279 = metal::atomic_load_explicit(&bins.inner[bin + _e276], metal::memory_order_relaxed);
                    uint _e281 = number_1;
                    word = _e274 | (_e279 << (8u * _e281));
                }
            }
            uint _e291 = word;
            described[at_4 + id_1] = _e291;
            return;
        } else {
            return;
        }
    }
}
