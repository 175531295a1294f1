CREATE TABLE "venue_data_history" (
	"protocol" text NOT NULL,
	"market" text NOT NULL,
	"sequence" bigint NOT NULL,
	"market_time" timestamp (3) with time zone NOT NULL,
	"as_of" timestamp (3) with time zone NOT NULL,
	"max_age_ms" bigint NOT NULL,
	"data" jsonb,
	CONSTRAINT "venue_data_history_protocol_market_sequence_pk" PRIMARY KEY("protocol","market","sequence")
);
--> statement-breakpoint
CREATE INDEX "venue_data_history_market_time" ON "venue_data_history" USING btree ("market_time");