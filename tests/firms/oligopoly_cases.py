"""The worked cases of few firms inside CES, to their ten digits: for each case its tables, each with its columns and rows."""

from __future__ import annotations

Table = tuple[str, tuple[str, ...], dict[str, tuple[float | None, ...]]]
"""What it is of, its columns and its rows."""

CASES: dict[str, tuple[Table, ...]] = {
    "C1. Two countries, three sectors, Cournot and Bertrand": (
        ("Cournot", ('benchmark 1', '2', 'after 1', '2'), {
            "wage": (0.8603480491, 1, 0.7484465712, 1,),
            "consumer price": (1.4273976, 1.411569883, 1.20470132, 1.385365305,),
            "income": (136.4613992, 89.00929965, 116.8105808, 92.09240769,),
            "profit": (50.42659425, 29.00929965, 41.96592371, 28.93186966,),
            "revenue": (0, 0, 0, 3.160538029,),
            "welfare per head": (0.956015333, 1.050949262, 0.9696227517, 1.107919663,),
            "producers markup": (1.58611854, 1.483488327, 1.560707007, 1.482197828,),
            "shares of origins 1, 2 in market 1, tariff included": (0.770218635, 0.229781365, 0.7294305014, 0.2705694986,),
            "shares of origins 1, 2 in market 2, tariff included": (0.3522810166, 0.6477189834, 0.3775112324, 0.6224887676,),
            "price index of sector 1": (1.370879698, 1.319651722, 1.153874227, 1.297309058,),
            "price index of sector 2": (1.626956864, 1.553480705, 1.364486912, 1.527242674,),
            "price index of sector 3": (1.326490676, 1.406303839, 1.130257768, 1.374809564,),
        }),
        ("Cournot", ('values',), {
            "sector 1 market 1: shares": (0.4826546284, 0.3110279908, 0.1065539238, 0.07725230289, 0.02251115406,),
            "sector 1 market 1: mark-ups": (1.843307846, 1.548181663, 1.300174102, 1.27099708, 1.219855957,),
            "sector 1 market 2: shares": (0.2422364598, 0.1120104669, 0.2974910702, 0.2444327919, 0.1038292112,),
            "sector 1 market 2: mark-ups": (1.454819832, 1.305756033, 1.528874569, 1.457626278, 1.297404605,),
            "sector 2 market 1: shares": (0.3290096451, 0.2881608734, 0.3003493383, 0.08248014327,),
            "sector 2 market 1: mark-ups": (1.574595026, 1.515845278, 1.532910977, 1.276106328,),
            "sector 2 market 2: shares": (0.1199769899, 0.09560134111, 0.5346750102, 0.2497466588,),
            "sector 2 market 2: mark-ups": (1.313992233, 1.289112649, 1.956344694, 1.46446127,),
            "sector 3 market 1: shares": (0.4610212179, 0.08093612107, 0.341238293, 0.06790792121, 0.04889644673,),
            "sector 3 market 1: mark-ups": (1.800055272, 1.274593063, 1.593078678, 1.261965869, 1.243982097,),
            "sector 3 market 2: shares": (0.2805907502, 0.0248830109, 0.1768166432, 0.2828976446, 0.2348119511,),
            "sector 3 market 2: mark-ups": (1.505435934, 1.221986383, 1.375913317, 1.508592867, 1.445412381,),
        }),
        ("Bertrand", ('benchmark 1', '2', 'after 1', '2'), {
            "wage": (0.8993653663, 1, 0.7776875001, 1,),
            "consumer price": (1.220776949, 1.226184744, 1.034625491, 1.20503846,),
            "income": (119.7567625, 78.96305348, 102.7883336, 81.13140917,),
            "profit": (29.8202259, 18.96305348, 25.01958359, 18.82996861,),
            "revenue": (0, 0, 0, 2.301440564,),
            "welfare per head": (0.9809880716, 1.07328924, 0.9934834824, 1.12211369,),
            "producers markup": (1.331569649, 1.316050891, 1.321717703, 1.31383281,),
            "shares of origins 1, 2 in market 1, tariff included": (0.8185793817, 0.1814206183, 0.776099049, 0.223900951,),
            "shares of origins 1, 2 in market 2, tariff included": (0.2751457162, 0.7248542838, 0.3120350856, 0.6879649144,),
            "price index of sector 1": (1.166793279, 1.168550179, 0.9898227523, 1.148676788,),
            "price index of sector 2": (1.405612862, 1.294616909, 1.177509985, 1.279308843,),
            "price index of sector 3": (1.13092999, 1.239508713, 0.9677781609, 1.211148482,),
        }),
        ("Bertrand", ('values',), {
            "sector 1 market 1: shares": (0.5848957429, 0.2927197353, 0.06720112988, 0.04436180317, 0.01082158879,),
            "sector 1 market 1: mark-ups": (1.444248973, 1.275921649, 1.213485691, 1.208702932, 1.202055366,),
            "sector 1 market 2: shares": (0.2229114741, 0.07028160463, 0.3607387942, 0.2678684679, 0.07819965918,),
            "sector 1 market 2: mark-ups": (1.253016202, 1.214147599, 1.302615109, 1.267306906, 1.215867952,),
            "sector 2 market 1: shares": (0.3390478597, 0.270936427, 0.3382670192, 0.05174869408,),
            "sector 2 market 1: mark-ups": (1.293558586, 1.268341202, 1.293242662, 1.210226195,),
            "sector 2 market 2: shares": (0.05797778971, 0.04254558448, 0.6797279088, 0.219748717,),
            "sector 2 market 2: mark-ups": (1.211528096, 1.208331782, 1.553931052, 1.252068154,),
            "sector 3 market 1: shares": (0.5523480662, 0.03828022805, 0.3453928046, 0.03814962508, 0.02582927611,),
            "sector 3 market 1: mark-ups": (1.415979592, 1.20746531, 1.296151176, 1.207438893, 1.204976737,),
            "sector 3 market 2: shares": (0.2787332391, 0.01150581251, 0.1327725025, 0.3294861628, 0.2475022831,),
            "sector 3 market 2: mark-ups": (1.271006105, 1.202186743, 1.228520802, 1.289736236, 1.260637987,),
        }),
    ),
    "C2. Pro-competitive gains of two identical countries": (
        ("", ('cournot', 'bertrand'), {
            "closed productivity": (1.072997808, 1.103008601,),
            "open productivity": (1.166462043, 1.191476892,),
            "closed first best": (1.134007933, 1.134007933,),
            "open first best": (1.200147916, 1.200147916,),
            "loss closed pct": (5.380043961, 2.733608044,),
            "loss open pct": (2.806810144, 0.7224963364,),
            "gain log x100": (8.351885184, 7.715208469,),
            "first best gain log x100": (5.668661163, 5.668661163,),
            "procompetitive log x100": (2.68322402, 2.046547306,),
            "markup closed": (1.88012611, 1.467953921,),
            "markup open": (1.534073228, 1.313946026,),
        }),
    ),
    "C3. Limits": (
        ("", ('value',), {
            "1,000 equal firms, Cournot mark-up (sigma/(sigma-1) = 1.2)": (1.20086832,),
            "1,000 equal firms, Bertrand mark-up": (1.200188177,),
            "dominant firm, cournot, mark-up (theta/(theta-1) = 4.333)": (4.333333333,),
            "duopoly, theta = 1, cournot, mark-up": (2.4,),
            "dominant firm, bertrand, mark-up (theta/(theta-1) = 4.333)": (4.333333333,),
            "duopoly, theta = 1, bertrand, mark-up": (1.4,),
            "duopoly, theta = 1: Cournot 1/(1-(1/sigma+1)/2), Bertrand 3.5/2.5": (2.4, 1.4,),
        }),
    ),
}  # fmt: skip
