struct Job {
    uint columns;
    uint threshold;
    uint marked;
    uint unused;
};

static const uint QUADS = 16u;
static const uint STEPS = 4u;
static const uint FOUND = 5u;
static const uint MARKS = 1024u;
static const uint DESCRIBED = 22u;
static const uint SUMS = 6u;

cbuffer job : register(b0) { Job job; }
ByteAddressBuffer cells : register(t1);
ByteAddressBuffer before : register(t2);
ByteAddressBuffer after : register(t3);
RWByteAddressBuffer found : register(u4);
RWByteAddressBuffer marks : register(u5);
RWByteAddressBuffer described : register(u6);
groupshared uint counts[256];
groupshared uint places[256];
groupshared uint counts_of_sixteen[16];
groupshared uint columns_of_sixteen[16];
groupshared uint2 rows_of_sixteen[16];
groupshared uint shades[1024];
groupshared uint sums[6][256];
groupshared uint parts[6][16];
groupshared uint bins[64];

uint naga_div(uint lhs, uint rhs) {
    return lhs / (rhs == 0u ? 1u : rhs);
}

uint naga_mod(uint lhs, uint rhs) {
    return lhs % (rhs == 0u ? 1u : rhs);
}

uint2 first_quad(uint cell, uint id_2)
{
    uint _e4 = job.columns;
    uint pitch = (_e4 * QUADS);
    uint _e9 = job.columns;
    uint row_2 = ((naga_div(cell, _e9) * 64u) + naga_div(id_2, QUADS));
    uint _e19 = job.columns;
    return uint2((((row_2 * pitch) + (naga_mod(cell, _e19) * QUADS)) + naga_mod(id_2, QUADS)), (pitch * 16u));
}

uint4 channel(uint4 quad_1, uint number_2)
{
    return ((quad_1 >> ((8u * number_2)).xxxx) & (255u).xxxx);
}

uint4 apart(uint4 a, uint4 b, uint number_3)
{
    const uint4 _e3 = channel(a, number_3);
    const uint4 _e4 = channel(b, number_3);
    uint4 far = (max(_e3, _e4) - min(_e3, _e4));
    return (far * far);
}

uint lowest(uint2 bits_1)
{
    uint high = ((bits_1.y != 0u) ? (32u + firstbitlow(bits_1.y)) : 0u);
    return ((bits_1.x != 0u) ? firstbitlow(bits_1.x) : high);
}

uint beyond(uint2 bits_2)
{
    uint low = ((bits_2.x != 0u) ? (1u + firstbithigh(bits_2.x)) : 0u);
    return ((bits_2.y != 0u) ? (33u + firstbithigh(bits_2.y)) : low);
}

uint4 each(uint word_1)
{
    return (((word_1).xxxx >> uint4(0u, 8u, 16u, 24u)) & (255u).xxxx);
}

uint between(uint4 a_1, uint4 b_1)
{
    return dot((max(a_1, b_1) - min(a_1, b_1)), (1u).xxxx);
}

uint naga_extractBits(
    uint e,
    uint offset,
    uint count
) {
    uint w = 32;
    uint o = min(offset, w);
    uint c = min(count, w - o);
    return (c == 0 ? 0 : (e << (w - c - o)) >> (w - c));
}
[numthreads(256, 1, 1)]
void difference(uint3 group : SV_GroupID, uint id : SV_GroupIndex)
{
    uint count = 0u;
    uint bits = 0u;
    uint step_ = 0u;
    uint of_column = 0u;
    uint columns = 0u;
    uint2 rows = (0u).xx;
    uint row = 0u;
    uint total = 0u;
    uint2 columns_1 = (0u).xx;
    uint2 rows_1 = (0u).xx;
    uint quad = 0u;

    uint _e5 = asuint(cells.Load(group.x*4));
    const uint2 _e6 = first_quad(_e5, id);
    uint2 loop_bound = uint2(4294967295u, 4294967295u);
    bool loop_init = true;
    while(true) {
        if (all(loop_bound == uint2(0u, 0u))) { break; }
        loop_bound -= uint2(loop_bound.y == 0u, 1u);
        if (!loop_init) {
            uint _e88 = step_;
            step_ = (_e88 + 1u);
        }
        loop_init = false;
        uint _e13 = step_;
        if ((_e13 < STEPS)) {
        } else {
            break;
        }
        {
            uint _e17 = step_;
            uint at = (_e6.x + (_e17 * _e6.y));
            uint4 a_2 = asuint(before.Load4(at*16));
            uint4 b_2 = asuint(after.Load4(at*16));
            const uint4 _e28 = apart(a_2, b_2, 0u);
            const uint4 _e30 = apart(a_2, b_2, 1u);
            const uint4 _e33 = apart(a_2, b_2, 2u);
            uint4 distance_ = ((_e28 + _e30) + _e33);
            uint _e41 = job.threshold;
            uint4 differs = ((distance_ > (_e41).xxxx) ? (1u).xxxx : (0u).xxxx);
            uint columns_2 = dot(differs, uint4(1u, 2u, 4u, 8u));
            uint _e51 = count;
            count = (_e51 + dot(differs, (1u).xxxx));
            uint _e56 = bits;
            uint _e59 = step_;
            bits = (_e56 | (columns_2 | ((columns_2 != 0u) ? (16u << _e59) : 0u)));
            uint _e68 = job.marked;
            if ((_e68 != 0u)) {
                uint _e76 = step_;
                marks.Store((((group.x * MARKS) + id) + (_e76 * 256u))*4, asuint(dot(differs, uint4(1u, 256u, 65536u, 16777216u))));
            }
        }
    }
    uint _e92 = count;
    counts[min(uint(id), 255u)] = _e92;
    uint _e95 = bits;
    places[min(uint(id), 255u)] = _e95;
    GroupMemoryBarrierWithGroupSync();
    if ((id < 16u)) {
        uint2 loop_bound_1 = uint2(4294967295u, 4294967295u);
        bool loop_init_1 = true;
        while(true) {
            if (all(loop_bound_1 == uint2(0u, 0u))) { break; }
            loop_bound_1 -= uint2(loop_bound_1.y == 0u, 1u);
            if (!loop_init_1) {
                uint _e155 = row;
                row = (_e155 + 1u);
            }
            loop_init_1 = false;
            uint _e107 = row;
            if ((_e107 < 16u)) {
            } else {
                break;
            }
            {
                uint _e110 = row;
                uint other = ((_e110 * QUADS) + id);
                uint seen = places[min(uint(other), 255u)];
                uint _e117 = of_column;
                uint _e120 = counts[min(uint(other), 255u)];
                of_column = (_e117 + _e120);
                uint _e122 = columns;
                columns = (_e122 | (seen & 15u));
                uint _e127 = rows.x;
                uint _e137 = row;
                rows.x = (_e127 | ((naga_extractBits(seen, 4u, 1u) | (naga_extractBits(seen, 5u, 1u) << 16u)) << _e137));
                uint _e141 = rows.y;
                uint _e151 = row;
                rows.y = (_e141 | ((naga_extractBits(seen, 6u, 1u) | (naga_extractBits(seen, 7u, 1u) << 16u)) << _e151));
            }
        }
        uint _e159 = of_column;
        counts_of_sixteen[min(uint(id), 15u)] = _e159;
        uint _e162 = columns;
        columns_of_sixteen[min(uint(id), 15u)] = _e162;
        uint2 _e165 = rows;
        rows_of_sixteen[min(uint(id), 15u)] = _e165;
    }
    GroupMemoryBarrierWithGroupSync();
    if ((id == 0u)) {
        uint2 loop_bound_2 = uint2(4294967295u, 4294967295u);
        bool loop_init_2 = true;
        while(true) {
            if (all(loop_bound_2 == uint2(0u, 0u))) { break; }
            loop_bound_2 -= uint2(loop_bound_2.y == 0u, 1u);
            if (!loop_init_2) {
                uint _e226 = quad;
                quad = (_e226 + 1u);
            }
            loop_init_2 = false;
            uint _e178 = quad;
            if ((_e178 < 8u)) {
            } else {
                break;
            }
            {
                uint _e181 = total;
                uint _e183 = quad;
                uint _e185 = counts_of_sixteen[min(uint(_e183), 15u)];
                uint _e187 = quad;
                uint _e191 = counts_of_sixteen[min(uint((_e187 + 8u)), 15u)];
                total = (_e181 + (_e185 + _e191));
                uint2 _e194 = columns_1;
                uint _e196 = quad;
                uint _e198 = columns_of_sixteen[min(uint(_e196), 15u)];
                uint _e200 = quad;
                uint _e204 = columns_of_sixteen[min(uint((_e200 + 8u)), 15u)];
                uint _e207 = quad;
                columns_1 = (_e194 | (uint2(_e198, _e204) << ((4u * _e207)).xx));
                uint2 _e212 = rows_1;
                uint _e214 = quad;
                uint2 _e216 = rows_of_sixteen[min(uint(_e214), 15u)];
                uint _e218 = quad;
                uint2 _e222 = rows_of_sixteen[min(uint((_e218 + 8u)), 15u)];
                rows_1 = (_e212 | (_e216 | _e222));
            }
        }
        uint at_1 = (group.x * FOUND);
        uint _e233 = total;
        found.Store(at_1*4, asuint(_e233));
        uint2 _e238 = columns_1;
        const uint _e239 = lowest(_e238);
        found.Store((at_1 + 1u)*4, asuint(_e239));
        uint2 _e244 = rows_1;
        const uint _e245 = lowest(_e244);
        found.Store((at_1 + 2u)*4, asuint(_e245));
        uint2 _e250 = columns_1;
        const uint _e251 = beyond(_e250);
        found.Store((at_1 + 3u)*4, asuint(_e251));
        uint2 _e256 = rows_1;
        const uint _e257 = beyond(_e256);
        found.Store((at_1 + 4u)*4, asuint(_e257));
        return;
    } else {
        return;
    }
}

typedef uint ret_Constructarray6_uint_[6];
ret_Constructarray6_uint_ Constructarray6_uint_(uint arg0, uint arg1, uint arg2, uint arg3, uint arg4, uint arg5) {
    uint ret[6] = { arg0, arg1, arg2, arg3, arg4, arg5 };
    return ret;
}

[numthreads(256, 1, 1)]
void describe(uint3 group_1 : SV_GroupID, uint id_1 : SV_GroupIndex)
{
    uint sum[6] = Constructarray6_uint_(0u, 0u, 0u, 0u, 0u, 0u);
    uint step_1 = 0u;
    uint step_2 = 0u;
    uint number = 0u;
    uint4 total_1 = (0u).xxxx;
    uint row_1 = 0u;
    uint total_2 = 0u;
    uint part = 0u;
    uint total_3 = 0u;
    uint part_1 = 0u;
    uint word = 0u;
    uint number_1 = 0u;

    uint _e5 = asuint(cells.Load(group_1.x*4));
    const uint2 _e6 = first_quad(_e5, id_1);
    uint4 ones = (1u).xxxx;
    uint2 loop_bound_3 = uint2(4294967295u, 4294967295u);
    bool loop_init_3 = true;
    while(true) {
        if (all(loop_bound_3 == uint2(0u, 0u))) { break; }
        loop_bound_3 -= uint2(loop_bound_3.y == 0u, 1u);
        if (!loop_init_3) {
            uint _e80 = step_1;
            step_1 = (_e80 + 1u);
        }
        loop_init_3 = false;
        uint _e19 = step_1;
        if ((_e19 < STEPS)) {
        } else {
            break;
        }
        {
            uint _e24 = step_1;
            uint4 quad_2 = asuint(after.Load4((_e6.x + (_e24 * _e6.y))*16));
            const uint4 _e31 = channel(quad_2, 0u);
            const uint4 _e33 = channel(quad_2, 1u);
            const uint4 _e35 = channel(quad_2, 2u);
            uint4 luma = ((((29u * _e31) + (150u * _e33)) + (77u * _e35)) >> (8u).xxxx);
            uint _e48 = sum[0];
            sum[0] = (_e48 + dot(_e31, ones));
            uint _e52 = sum[1];
            sum[1] = (_e52 + dot(_e33, ones));
            uint _e56 = sum[2];
            sum[2] = (_e56 + dot(_e35, ones));
            uint _e60 = sum[3];
            sum[3] = (_e60 + dot(luma, ones));
            uint _e64 = sum[4];
            sum[4] = (_e64 + dot(luma, luma));
            uint _e68 = step_1;
            shades[min(uint((id_1 + (_e68 * 256u))), 1023u)] = dot(luma, uint4(1u, 256u, 65536u, 16777216u));
        }
    }
    if ((id_1 < 64u)) {
        { uint dummy = 0; InterlockedExchange(bins[min(uint(id_1), 63u)], 0u, dummy); }
    }
    GroupMemoryBarrierWithGroupSync();
    uint2 loop_bound_4 = uint2(4294967295u, 4294967295u);
    bool loop_init_4 = true;
    while(true) {
        if (all(loop_bound_4 == uint2(0u, 0u))) { break; }
        loop_bound_4 -= uint2(loop_bound_4.y == 0u, 1u);
        if (!loop_init_4) {
            uint _e135 = step_2;
            step_2 = (_e135 + 1u);
        }
        loop_init_4 = false;
        uint _e89 = step_2;
        if ((_e89 < STEPS)) {
        } else {
            break;
        }
        {
            uint _e92 = step_2;
            uint at_2 = (id_1 + (_e92 * 256u));
            uint _e98 = shades[min(uint(at_2), 1023u)];
            const uint4 _e99 = each(_e98);
            bool last = (naga_mod(id_1, QUADS) == 15u);
            uint _e110 = shades[min(uint(min((at_2 + 1u), 1023u)), 1023u)];
            uint next = (last ? _e99.w : (_e110 & 255u));
            uint _e116 = sum[5];
            const uint _e119 = between(_e99, uint4(_e99.yzw, next));
            sum[5] = (_e116 + _e119);
            uint _e122 = sum[5];
            uint _e130 = shades[min(uint(((at_2 >= 1008u) ? at_2 : (at_2 + QUADS))), 1023u)];
            const uint4 _e131 = each(_e130);
            const uint _e132 = between(_e99, _e131);
            sum[5] = (_e122 + _e132);
        }
    }
    uint2 loop_bound_5 = uint2(4294967295u, 4294967295u);
    bool loop_init_5 = true;
    while(true) {
        if (all(loop_bound_5 == uint2(0u, 0u))) { break; }
        loop_bound_5 -= uint2(loop_bound_5.y == 0u, 1u);
        if (!loop_init_5) {
            uint _e150 = number;
            number = (_e150 + 1u);
        }
        loop_init_5 = false;
        uint _e139 = number;
        if ((_e139 < SUMS)) {
        } else {
            break;
        }
        {
            uint _e143 = number;
            uint _e146 = number;
            uint _e148 = sum[min(uint(_e146), 5u)];
            sums[min(uint(_e143), 5u)][min(uint(id_1), 255u)] = _e148;
        }
    }
    if ((id_1 < 64u)) {
        uint corner = (((naga_div(id_1, 8u) * 8u) * QUADS) + (naga_mod(id_1, 8u) * 2u));
        uint2 loop_bound_6 = uint2(4294967295u, 4294967295u);
        bool loop_init_6 = true;
        while(true) {
            if (all(loop_bound_6 == uint2(0u, 0u))) { break; }
            loop_bound_6 -= uint2(loop_bound_6.y == 0u, 1u);
            if (!loop_init_6) {
                uint _e191 = row_1;
                row_1 = (_e191 + 1u);
            }
            loop_init_6 = false;
            uint _e170 = row_1;
            if ((_e170 < 8u)) {
            } else {
                break;
            }
            {
                uint _e173 = row_1;
                uint at_3 = (corner + (_e173 * QUADS));
                uint4 _e177 = total_1;
                uint _e180 = shades[min(uint(at_3), 1023u)];
                const uint4 _e181 = each(_e180);
                uint _e186 = shades[min(uint((at_3 + 1u)), 1023u)];
                const uint4 _e187 = each(_e186);
                total_1 = (_e177 + (_e181 + _e187));
            }
        }
        uint4 _e194 = total_1;
        uint _e200; InterlockedAdd(bins[min(uint((dot(_e194, ones) >> 8u)), 63u)], 1u, _e200);
    }
    GroupMemoryBarrierWithGroupSync();
    if ((id_1 < 96u)) {
        uint2 loop_bound_7 = uint2(4294967295u, 4294967295u);
        bool loop_init_7 = true;
        while(true) {
            if (all(loop_bound_7 == uint2(0u, 0u))) { break; }
            loop_bound_7 -= uint2(loop_bound_7.y == 0u, 1u);
            if (!loop_init_7) {
                uint _e225 = part;
                part = (_e225 + 1u);
            }
            loop_init_7 = false;
            uint _e207 = part;
            if ((_e207 < 16u)) {
            } else {
                break;
            }
            {
                uint _e210 = total_2;
                uint _e219 = part;
                uint _e222 = sums[min(uint(naga_div(id_1, 16u)), 5u)][min(uint(((naga_mod(id_1, 16u) * 16u) + _e219)), 255u)];
                total_2 = (_e210 + _e222);
            }
        }
        uint _e234 = total_2;
        parts[min(uint(naga_div(id_1, 16u)), 5u)][min(uint(naga_mod(id_1, 16u)), 15u)] = _e234;
    }
    GroupMemoryBarrierWithGroupSync();
    uint at_4 = (group_1.x * DESCRIBED);
    if ((id_1 < SUMS)) {
        uint2 loop_bound_8 = uint2(4294967295u, 4294967295u);
        bool loop_init_8 = true;
        while(true) {
            if (all(loop_bound_8 == uint2(0u, 0u))) { break; }
            loop_bound_8 -= uint2(loop_bound_8.y == 0u, 1u);
            if (!loop_init_8) {
                uint _e255 = part_1;
                part_1 = (_e255 + 1u);
            }
            loop_init_8 = false;
            uint _e244 = part_1;
            if ((_e244 < 16u)) {
            } else {
                break;
            }
            {
                uint _e247 = total_3;
                uint _e250 = part_1;
                uint _e252 = parts[min(uint(id_1), 5u)][min(uint(_e250), 15u)];
                total_3 = (_e247 + _e252);
            }
        }
        uint _e260 = total_3;
        described.Store((at_4 + id_1)*4, asuint(_e260));
        return;
    } else {
        if ((id_1 < DESCRIBED)) {
            uint bin = ((id_1 - SUMS) * 4u);
            uint2 loop_bound_9 = uint2(4294967295u, 4294967295u);
            bool loop_init_9 = true;
            while(true) {
                if (all(loop_bound_9 == uint2(0u, 0u))) { break; }
                loop_bound_9 -= uint2(loop_bound_9.y == 0u, 1u);
                if (!loop_init_9) {
                    uint _e286 = number_1;
                    number_1 = (_e286 + 1u);
                }
                loop_init_9 = false;
                uint _e271 = number_1;
                if ((_e271 < 4u)) {
                } else {
                    break;
                }
                {
                    uint _e274 = word;
                    uint _e276 = number_1;
                    uint _e279; InterlockedOr(bins[min(uint((bin + _e276)), 63u)], 0, _e279);
                    uint _e281 = number_1;
                    word = (_e274 | (_e279 << (8u * _e281)));
                }
            }
            uint _e291 = word;
            described.Store((at_4 + id_1)*4, asuint(_e291));
            return;
        } else {
            return;
        }
    }
}
