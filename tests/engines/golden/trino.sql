-- orders by week
SELECT
  DATE_DIFF(
    'day',
    CAST('1970-01-01' AS DATE),
    CAST(CAST(AT_TIMEZONE("orders"."ordered_at", 'Asia/Seoul') AS TIMESTAMP(6)) AS DATE)
  ) - (
    (
      (
        DATE_DIFF(
          'day',
          CAST('1970-01-01' AS DATE),
          CAST(CAST(AT_TIMEZONE("orders"."ordered_at", 'Asia/Seoul') AS TIMESTAMP(6)) AS DATE)
        ) - 4
      ) % 7 + 7
    ) % 7
  ) AS period,
  CAST("orders"."채널" AS VARCHAR) AS s0,
  COUNT(*) AS m0,
  COUNT(*) AS m0_n,
  SUM(CAST("orders"."결제 금액(원)" AS DECIMAL(38, 6))) FILTER(WHERE
    "orders"."paid") AS m1,
  COUNT(*) FILTER(WHERE
    "orders"."paid") AS m1_n,
  SUM(CAST("orders"."결제 금액(원)" AS DECIMAL(38, 6))) AS m2,
  COUNT(*) AS m2_n,
  COUNT("orders"."결제 금액(원)") AS m2_d,
  COUNT(DISTINCT "orders"."customer_id") FILTER(WHERE
    "orders"."채널" IN ('app', 'App')) AS m3,
  COUNT(*) FILTER(WHERE
    "orders"."채널" IN ('app', 'App')) AS m3_n
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-19 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
  AND "orders"."ordered_at" < CAST('2026-03-15 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
GROUP BY
  1,
  2;

-- two facts by month
WITH _part0 AS (
  SELECT
    EXTRACT(YEAR FROM CAST(CAST(AT_TIMEZONE("orders"."ordered_at", 'Asia/Seoul') AS TIMESTAMP(6)) AS DATE)) * 12 + EXTRACT(MONTH FROM CAST(CAST(AT_TIMEZONE("orders"."ordered_at", 'Asia/Seoul') AS TIMESTAMP(6)) AS DATE)) - 1 AS period,
    CAST("orders"."채널" AS VARCHAR) AS s0,
    COUNT(*) AS m0,
    COUNT(*) AS m0_n
  FROM "orders" AS "orders"
  WHERE
    "orders"."ordered_at" >= CAST('2025-09-30 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
    AND "orders"."ordered_at" < CAST('2026-03-31 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
  GROUP BY
    1,
    2
), _part1 AS (
  SELECT
    EXTRACT(YEAR FROM CAST(CAST(AT_TIMEZONE("visits"."visited_at", 'Asia/Seoul') AS TIMESTAMP(6)) AS DATE)) * 12 + EXTRACT(MONTH FROM CAST(CAST(AT_TIMEZONE("visits"."visited_at", 'Asia/Seoul') AS TIMESTAMP(6)) AS DATE)) - 1 AS period,
    CAST("visits"."채널" AS VARCHAR) AS s0,
    COUNT(*) AS m1,
    COUNT(*) AS m1_n
  FROM "visits" AS "visits"
  WHERE
    "visits"."visited_at" >= CAST('2025-09-30 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
    AND "visits"."visited_at" < CAST('2026-03-31 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
  GROUP BY
    1,
    2
), _spine AS (
  SELECT
    period,
    s0
  FROM _part0
  UNION
  SELECT
    period,
    s0
  FROM _part1
)
SELECT
  _spine.period,
  _spine.s0,
  _part0.m0,
  _part0.m0_n,
  _part1.m1,
  _part1.m1_n
FROM _spine
LEFT JOIN _part0
  ON _part0.period IS NOT DISTINCT FROM _spine.period
  AND _part0.s0 IS NOT DISTINCT FROM _spine.s0
LEFT JOIN _part1
  ON _part1.period IS NOT DISTINCT FROM _spine.period
  AND _part1.s0 IS NOT DISTINCT FROM _spine.s0;

-- hours of New York
SELECT
  DATE_DIFF(
    'day',
    CAST('1970-01-01' AS DATE),
    CAST((
      CAST(AT_TIMEZONE("orders"."ordered_at", 'America/New_York') AS TIMESTAMP(6))
    ) - INTERVAL '300' MINUTE AS DATE)
  ) * 24 + EXTRACT(HOUR FROM (
    CAST(AT_TIMEZONE("orders"."ordered_at", 'America/New_York') AS TIMESTAMP(6))
  ) - INTERVAL '300' MINUTE) AS period,
  COUNT(*) AS m0,
  COUNT(*) AS m0_n
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-25 09:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
  AND "orders"."ordered_at" < CAST('2026-03-15 09:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
GROUP BY
  1;

-- looked up
SELECT
  CAST("stores"."city" AS VARCHAR) AS s0,
  COUNT(*) AS m0,
  COUNT(*) AS m0_n,
  COUNT(*) FILTER(WHERE
    "regions"."name" = '수도권') AS m1,
  COUNT(*) FILTER(WHERE
    "regions"."name" = '수도권') AS m1_n
FROM "orders" AS "orders"
LEFT JOIN "stores" AS "stores"
  ON "orders"."store_id" = "stores"."store_id"
LEFT JOIN "regions" AS "regions"
  ON "stores"."region_id" = "regions"."region_id"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
  AND "orders"."ordered_at" < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
GROUP BY
  1;

-- rest
SELECT
  COUNT(*) AS m0,
  COUNT(*) AS m0_n
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
  AND "orders"."ordered_at" < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
  AND "orders"."결제 금액(원)" % NULLIF(7, 0) > 3;

-- conditions
SELECT
  COUNT(*) FILTER(WHERE
    "orders"."채널" LIKE 'a%') AS m0,
  COUNT(*) FILTER(WHERE
    "orders"."채널" LIKE 'a%') AS m0_n,
  COUNT(*) FILTER(WHERE
    "orders"."채널" LIKE 'a\%') AS m1,
  COUNT(*) FILTER(WHERE
    "orders"."채널" LIKE 'a\%') AS m1_n,
  COUNT(*) FILTER(WHERE
    (
      (
        "orders"."채널" = 'app'
      ) IS NOT DISTINCT FROM TRUE
    )) AS m2,
  COUNT(*) FILTER(WHERE
    (
      (
        "orders"."채널" = 'app'
      ) IS NOT DISTINCT FROM TRUE
    )) AS m2_n,
  COUNT(*) FILTER(WHERE
    (
      (
        "orders"."채널" = 'app'
      ) IS NOT DISTINCT FROM FALSE
    )) AS m3,
  COUNT(*) FILTER(WHERE
    (
      (
        "orders"."채널" = 'app'
      ) IS NOT DISTINCT FROM FALSE
    )) AS m3_n,
  COUNT(*) FILTER(WHERE
    "orders"."채널" BETWEEN 'A' AND 'a_b') AS m4,
  COUNT(*) FILTER(WHERE
    "orders"."채널" BETWEEN 'A' AND 'a_b') AS m4_n,
  SUM(
    CAST("orders"."quantity" * 2 - 1 + CAST("orders"."결제 금액(원)" AS DOUBLE) / NULLIF("orders"."quantity", 0) AS DECIMAL(38, 6))
  ) FILTER(WHERE
    "orders"."quantity" % NULLIF(3, 0) <> 1 AND ABS("orders"."quantity") < 100) AS m5,
  COUNT(*) FILTER(WHERE
    "orders"."quantity" % NULLIF(3, 0) <> 1 AND ABS("orders"."quantity") < 100) AS m5_n
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
  AND "orders"."ordered_at" < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE);

-- median
-- Trino cannot compute “MEDIAN(CAST("orders"."결제 금액(원)" AS DOUBLE))” exactly. Import the table and compute it here.;

-- ilike
SELECT
  COUNT(*) AS m0,
  COUNT(*) AS m0_n
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
  AND "orders"."ordered_at" < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMP WITH TIME ZONE)
  AND LOWER("orders"."채널") LIKE LOWER('É%');
