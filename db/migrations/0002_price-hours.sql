CREATE TABLE "price_hours" (
	"feed" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"open_wad" numeric(78, 0),
	"high_wad" numeric(78, 0),
	"low_wad" numeric(78, 0),
	"close_wad" numeric(78, 0),
	"snapshots" integer NOT NULL,
	"unpriced" integer NOT NULL,
	"refused" integer NOT NULL,
	CONSTRAINT "price_hours_feed_hour_pk" PRIMARY KEY("feed","hour")
);
