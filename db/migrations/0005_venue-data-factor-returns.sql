CREATE TABLE "factor_returns" (
	"asset" text NOT NULL,
	"horizon_hours" integer NOT NULL,
	"as_of" timestamp (3) with time zone NOT NULL,
	"levels" double precision[] NOT NULL,
	"variances" double precision[] NOT NULL,
	"model" text NOT NULL,
	"version" text NOT NULL,
	"log_return" double precision,
	CONSTRAINT "factor_returns_asset_horizon_hours_as_of_pk" PRIMARY KEY("asset","horizon_hours","as_of")
);
--> statement-breakpoint
CREATE TABLE "venue_data" (
	"protocol" text NOT NULL,
	"market" text NOT NULL,
	"sequence" bigint NOT NULL,
	"as_of" timestamp (3) with time zone NOT NULL,
	"max_age_ms" bigint NOT NULL,
	"data" jsonb NOT NULL,
	"content_hash" text NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "venue_data_protocol_market_pk" PRIMARY KEY("protocol","market")
);
--> statement-breakpoint
CREATE INDEX "factor_returns_as_of" ON "factor_returns" USING btree ("as_of");