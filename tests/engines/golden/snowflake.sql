-- orders by week
SELECT
  DATEDIFF(
    'day',
    CAST('1970-01-01' AS DATE),
    CAST(CAST(CONVERT_TIMEZONE('Asia/Seoul', "orders"."ordered_at") AS TIMESTAMPNTZ) AS DATE)
  ) - (
    (
      (
        DATEDIFF(
          'day',
          CAST('1970-01-01' AS DATE),
          CAST(CAST(CONVERT_TIMEZONE('Asia/Seoul', "orders"."ordered_at") AS TIMESTAMPNTZ) AS DATE)
        ) - 4
      ) % 7 + 7
    ) % 7
  ) AS "period",
  CAST("orders"."채널" AS VARCHAR) AS "s0",
  COUNT(*) AS "m0",
  COUNT(*) AS "m0_n",
  SUM(CASE WHEN "orders"."paid" THEN CAST("orders"."결제 금액(원)" AS DECIMAL(38, 6)) END) AS "m1",
  COUNT(CASE WHEN "orders"."paid" THEN 1 END) AS "m1_n",
  SUM(CAST("orders"."결제 금액(원)" AS DECIMAL(38, 6))) AS "m2",
  COUNT(*) AS "m2_n",
  COUNT("orders"."결제 금액(원)") AS "m2_d",
  COUNT(
    DISTINCT CASE WHEN "orders"."채널" IN ('app', 'App') THEN "orders"."customer_id" END
  ) AS "m3",
  COUNT(CASE WHEN "orders"."채널" IN ('app', 'App') THEN 1 END) AS "m3_n"
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-19 15:00:00.000000+00:00' AS TIMESTAMPTZ)
  AND "orders"."ordered_at" < CAST('2026-03-15 15:00:00.000000+00:00' AS TIMESTAMPTZ)
GROUP BY
  1,
  2;

-- two facts by month
WITH "_part0" AS (
  SELECT
    DATE_PART(
      YEAR,
      CAST(CAST(CONVERT_TIMEZONE('Asia/Seoul', "orders"."ordered_at") AS TIMESTAMPNTZ) AS DATE)
    ) * 12 + DATE_PART(
      MONTH,
      CAST(CAST(CONVERT_TIMEZONE('Asia/Seoul', "orders"."ordered_at") AS TIMESTAMPNTZ) AS DATE)
    ) - 1 AS "period",
    CAST("orders"."채널" AS VARCHAR) AS "s0",
    COUNT(*) AS "m0",
    COUNT(*) AS "m0_n"
  FROM "orders" AS "orders"
  WHERE
    "orders"."ordered_at" >= CAST('2025-09-30 15:00:00.000000+00:00' AS TIMESTAMPTZ)
    AND "orders"."ordered_at" < CAST('2026-03-31 15:00:00.000000+00:00' AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
), "_part1" AS (
  SELECT
    DATE_PART(
      YEAR,
      CAST(CAST(CONVERT_TIMEZONE('Asia/Seoul', "visits"."visited_at") AS TIMESTAMPNTZ) AS DATE)
    ) * 12 + DATE_PART(
      MONTH,
      CAST(CAST(CONVERT_TIMEZONE('Asia/Seoul', "visits"."visited_at") AS TIMESTAMPNTZ) AS DATE)
    ) - 1 AS "period",
    CAST("visits"."채널" AS VARCHAR) AS "s0",
    COUNT(*) AS "m1",
    COUNT(*) AS "m1_n"
  FROM "visits" AS "visits"
  WHERE
    "visits"."visited_at" >= CAST('2025-09-30 15:00:00.000000+00:00' AS TIMESTAMPTZ)
    AND "visits"."visited_at" < CAST('2026-03-31 15:00:00.000000+00:00' AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
), "_spine" AS (
  SELECT
    "period",
    "s0"
  FROM "_part0"
  UNION
  SELECT
    "period",
    "s0"
  FROM "_part1"
)
SELECT
  "_spine"."period",
  "_spine"."s0",
  "_part0"."m0",
  "_part0"."m0_n",
  "_part1"."m1",
  "_part1"."m1_n"
FROM "_spine"
LEFT JOIN "_part0"
  ON "_part0"."period" IS NOT DISTINCT FROM "_spine"."period"
  AND "_part0"."s0" IS NOT DISTINCT FROM "_spine"."s0"
LEFT JOIN "_part1"
  ON "_part1"."period" IS NOT DISTINCT FROM "_spine"."period"
  AND "_part1"."s0" IS NOT DISTINCT FROM "_spine"."s0";

-- hours of New York
SELECT
  DATEDIFF(
    'day',
    CAST('1970-01-01' AS DATE),
    CAST((
      CAST(CONVERT_TIMEZONE('America/New_York', "orders"."ordered_at") AS TIMESTAMPNTZ)
    ) - INTERVAL '300 MINUTE' AS DATE)
  ) * 24 + DATE_PART(
    HOUR,
    (
      CAST(CONVERT_TIMEZONE('America/New_York', "orders"."ordered_at") AS TIMESTAMPNTZ)
    ) - INTERVAL '300 MINUTE'
  ) AS "period",
  COUNT(*) AS "m0",
  COUNT(*) AS "m0_n"
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-25 09:00:00.000000+00:00' AS TIMESTAMPTZ)
  AND "orders"."ordered_at" < CAST('2026-03-15 09:00:00.000000+00:00' AS TIMESTAMPTZ)
GROUP BY
  1;

-- looked up
SELECT
  CAST("stores"."city" AS VARCHAR) AS "s0",
  COUNT(*) AS "m0",
  COUNT(*) AS "m0_n",
  COUNT(CASE WHEN "regions"."name" = '수도권' THEN 1 END) AS "m1",
  COUNT(CASE WHEN "regions"."name" = '수도권' THEN 1 END) AS "m1_n"
FROM "orders" AS "orders"
LEFT JOIN "stores" AS "stores"
  ON "orders"."store_id" = "stores"."store_id"
LEFT JOIN "regions" AS "regions"
  ON "stores"."region_id" = "regions"."region_id"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMPTZ)
  AND "orders"."ordered_at" < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMPTZ)
GROUP BY
  1;

-- rest
SELECT
  COUNT(*) AS "m0",
  COUNT(*) AS "m0_n"
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMPTZ)
  AND "orders"."ordered_at" < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMPTZ)
  AND "orders"."결제 금액(원)" % NULLIF(7, 0) > 3;

-- conditions
SELECT
  COUNT(CASE WHEN "orders"."채널" LIKE 'a%' THEN 1 END) AS "m0",
  COUNT(CASE WHEN "orders"."채널" LIKE 'a%' THEN 1 END) AS "m0_n",
  COUNT(CASE WHEN "orders"."채널" LIKE 'a\\%' THEN 1 END) AS "m1",
  COUNT(CASE WHEN "orders"."채널" LIKE 'a\\%' THEN 1 END) AS "m1_n",
  COUNT(CASE WHEN EQUAL_NULL((
    "orders"."채널" = 'app'
  ), TRUE) THEN 1 END) AS "m2",
  COUNT(CASE WHEN EQUAL_NULL((
    "orders"."채널" = 'app'
  ), TRUE) THEN 1 END) AS "m2_n",
  COUNT(CASE WHEN EQUAL_NULL((
    "orders"."채널" = 'app'
  ), FALSE) THEN 1 END) AS "m3",
  COUNT(CASE WHEN EQUAL_NULL((
    "orders"."채널" = 'app'
  ), FALSE) THEN 1 END) AS "m3_n",
  COUNT(CASE WHEN "orders"."채널" BETWEEN 'A' AND 'a_b' THEN 1 END) AS "m4",
  COUNT(CASE WHEN "orders"."채널" BETWEEN 'A' AND 'a_b' THEN 1 END) AS "m4_n",
  SUM(
    CASE
      WHEN "orders"."quantity" % NULLIF(3, 0) <> 1 AND ABS("orders"."quantity") < 100
      THEN CAST("orders"."quantity" * 2 - 1 + CAST("orders"."결제 금액(원)" AS DOUBLE) / NULLIF("orders"."quantity", 0) AS DECIMAL(38, 6))
    END
  ) AS "m5",
  COUNT(
    CASE
      WHEN "orders"."quantity" % NULLIF(3, 0) <> 1 AND ABS("orders"."quantity") < 100
      THEN 1
    END
  ) AS "m5_n"
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMPTZ)
  AND "orders"."ordered_at" < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMPTZ);

-- median
SELECT
  MEDIAN(CAST("orders"."결제 금액(원)" AS DOUBLE)) AS "m0",
  COUNT(*) AS "m0_n"
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMPTZ)
  AND "orders"."ordered_at" < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMPTZ);

-- ilike
SELECT
  COUNT(*) AS "m0",
  COUNT(*) AS "m0_n"
FROM "orders" AS "orders"
WHERE
  "orders"."ordered_at" >= CAST('2025-10-24 15:00:00.000000+00:00' AS TIMESTAMPTZ)
  AND "orders"."ordered_at" < CAST('2026-03-14 15:00:00.000000+00:00' AS TIMESTAMPTZ)
  AND "orders"."채널" ILIKE 'É%';
